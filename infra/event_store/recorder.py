"""The journal behind the eventsourcing library's recorder, for every tool made for that library.

The service itself appends through journal.py; both take positions from the head row, so they can write
side by side. Source of the contract: eventsourcing.persistence.ApplicationRecorder (9.5.6).
"""

from collections.abc import Callable, Sequence
from typing import Any, LiteralString, cast

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore, PostgresSubscription
from psycopg import Connection
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from infra.event_store.journal import channel_of
from infra.postgres.roles import tenant_role

_TAKE_POSITIONS: LiteralString = """
UPDATE {schema}.journal_head
SET position = position + %(count)s
RETURNING position - %(count)s AS before
"""

_INSERT: LiteralString = """
INSERT INTO {schema}.stored_events (originator_id, originator_version, topic, state, notification_id)
SELECT stream, version, type, state, %(before)s + ordinal
FROM unnest(%(streams)b::text[], %(versions)b::bigint[], %(types)b::text[], %(states)b::bytea[])
     WITH ORDINALITY AS appended (stream, version, type, state, ordinal)
"""


LOOK_AGAIN_S = 0.1


class JournalSubscription(PostgresSubscription):
    """The library's subscription, which looks again once it listens and then every LOOK_AGAIN_S.

    The library's own waits for ever if an event is written between its first look and its LISTEN.
    """

    def _listen(self) -> None:
        try:
            with self._recorder.datastore.get_connection() as connection:
                connection.execute(SQL("LISTEN {}").format(Identifier(self._recorder.channel_name)))
                while not self._has_been_stopped and not self._thread_error:
                    self._has_been_notified.set()
                    for _ in connection.notifies(timeout=LOOK_AGAIN_S, stop_after=1):
                        pass
        except BaseException as error:  # noqa: BLE001 (it ends a thread, not the process)
            # As in the library: whoever iterates over the subscription is told.
            self._thread_error = self._thread_error or error
            self.stop()


class JournalRecorder(PostgresApplicationRecorder):
    """The library's recorder over a tenant's journal: positions are gapless and in commit order.

    No retry of failed inserts (the library retries ten times and so turns a lost acknowledgement into
    a conflict), and no table lock: the head row orders the writers.
    """

    def __init__(self, datastore: PostgresDatastore) -> None:
        super().__init__(datastore)
        self.channel_name = channel_of(datastore.schema)

    def insert_events(self, stored_events: Sequence[StoredEvent], **kwargs: Any) -> Sequence[int] | None:
        """Appends the events and returns their positions; IntegrityError if a version is taken."""
        if not stored_events:
            return []
        schema = Identifier(self.datastore.schema)
        count = len(stored_events)
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(SQL(_TAKE_POSITIONS).format(schema=schema), {"count": count})
            before = cast("dict[str, int]", cursor.fetchone())["before"]
            cursor.execute(
                SQL(_INSERT).format(schema=schema),
                {
                    "before": before,
                    "streams": [str(event.originator_id) for event in stored_events],
                    "versions": [event.originator_version for event in stored_events],
                    "types": [event.topic for event in stored_events],
                    "states": [event.state for event in stored_events],
                },
            )
            self._notify_channel(cursor)
        return list(range(before + 1, before + count + 1))

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> JournalSubscription:
        """Notifications from after `gt` on, and each new one when it is written."""
        return JournalSubscription(recorder=self, gt=gt, topics=topics)


class _TenantDatastore(PostgresDatastore):
    """The library's connections, which act as the tenant's role."""

    def after_connect_func(self) -> Callable[[Connection[Any]], None]:
        """What the pool does with each new connection."""
        configure = super().after_connect_func()
        become = SQL("SET ROLE {}").format(Identifier(tenant_role(self.schema)))

        def after_connect(connection: Connection[Any]) -> None:
            configure(connection)
            connection.execute(become)

        return after_connect


def recorder_of(conninfo: str, schema: str) -> JournalRecorder:
    """A recorder for the journal in `schema`; close its `datastore` when done."""
    given = conninfo_to_dict(conninfo)
    datastore = _TenantDatastore(
        dbname=str(given.get("dbname", "")),
        host=str(given.get("host", "")),
        port=str(given.get("port", "5432")),
        user=str(given.get("user", "")),
        password=str(given.get("password", "")),
        schema=schema,
        originator_id_type="text",
        pool_size=2,
        max_overflow=10,
    )
    return JournalRecorder(datastore)
