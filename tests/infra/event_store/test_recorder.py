"""The library's own cases hold for the journal, and its notification log reads what the clerk wrote."""

import itertools
import threading
from collections.abc import Generator

import pytest
from eventsourcing.application import LocalNotificationLog
from eventsourcing.persistence import Notification, StoredEvent
from eventsourcing.tests import persistence

from infra.event_store.recorder import JournalRecorder, JournalSubscription, recorder_of
from tests.support.commands import add_product, open_campaign, open_store, receive, sell
from tests.support.facts import take_back
from tests.support.journals import answered, clerk_of, keyed, query, read_all, run
from tests.support.postgres import Tenant

_stream_numbers = itertools.count(1)


@pytest.fixture
def recorder(tenant: Tenant) -> Generator[JournalRecorder]:
    """The library's recorder over the tenant's journal, as the service's login."""
    recorder = recorder_of(tenant.service_url, tenant.schema)
    yield recorder
    recorder.datastore.close()


class _OnAJournal:
    """Gives the library's cases, which know no fixtures, an empty journal each and names for streams."""

    recorder: JournalRecorder

    @pytest.fixture(autouse=True)
    def _journal(self, recorder: JournalRecorder) -> None:
        self.recorder = recorder

    def new_originator_id(self) -> str:
        return f"test-{next(_stream_numbers)}"

    def create_recorder(self) -> JournalRecorder:
        return self.recorder


class TestTheLibrarysCasesOfRecorders(_OnAJournal, persistence.ApplicationRecorderTestCase[JournalRecorder]):
    """Every case of the library, the optional one of subscriptions included."""

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestTheLibrarysCaseOfInterleaving(_OnAJournal, persistence.NonInterleavingNotificationIDsBaseCase):
    """Two writers of a thousand events each: their positions do not mix."""


async def a_shop_day(tenant: Tenant) -> None:
    """Real commands of several kinds, in several batches."""
    async with clerk_of(tenant) as clerk:
        await answered(clerk, open_store(), add_product(), add_product("pear"), open_campaign())
        await answered(clerk, receive(("apple", 50), ("pear", 20)))
        await answered(clerk, *[sell(("apple", 1), ("pear", 1), sale_id=f"x{n}") for n in range(10)])
        await clerk.submit(take_back((1, 1), sale_id="x3"), keyed("return"))


async def sell_one_more(tenant: Tenant) -> None:
    async with clerk_of(tenant) as clerk:
        await answered(clerk, sell(("apple", 1), sale_id="later"))


def test_the_librarys_log_reads_the_whole_journal_byte_for_byte(
    tenant: Tenant, recorder: JournalRecorder
) -> None:
    """Followed section by section, as a tool made for the library would."""
    run(a_shop_day(tenant))
    log = LocalNotificationLog(recorder, section_size=7)

    read: list[Notification] = []
    next_id: str | None = "1,7"
    while next_id is not None:
        section = log[next_id]
        read += section.items
        next_id = section.next_id

    stored = query(
        tenant.service_url,
        tenant,
        "SELECT notification_id, originator_id, originator_version, topic, state"
        " FROM stored_events ORDER BY notification_id",
    )
    assert [(n.id, n.originator_id, n.originator_version, n.topic, n.state) for n in read] == stored
    assert [notification.id for notification in read] == list(range(1, len(read) + 1))
    assert len(read) == len(run(read_all(tenant))) > 40


def test_the_librarys_subscription_is_woken_by_the_clerk(tenant: Tenant, recorder: JournalRecorder) -> None:
    """It has caught up with the journal and waits when the clerk writes more."""
    run(a_shop_day(tenant))
    end = recorder.max_notification_id()

    with recorder.subscribe(gt=end) as subscription:
        run(sell_one_more(tenant))
        assert next(subscription).originator_id == "sale-later"


def test_what_is_written_before_the_subscription_listens_is_read_all_the_same(
    tenant: Tenant, recorder: JournalRecorder
) -> None:
    run(a_shop_day(tenant))
    written = threading.Event()

    class LateListener(JournalSubscription):
        """Has looked and found nothing new, but does not listen yet when the clerk writes."""

        def _listen(self) -> None:
            written.wait()
            super()._listen()

    with LateListener(recorder, gt=None) as subscription:
        for _ in run(read_all(tenant)):
            next(subscription)
        run(sell_one_more(tenant))
        written.set()
        assert next(subscription).originator_id == "sale-later"


def test_the_recorder_and_the_clerk_write_side_by_side(tenant: Tenant, recorder: JournalRecorder) -> None:
    """Positions come from the same head row, so a clerk notices what another tool has written."""

    async def test() -> None:
        async with clerk_of(tenant) as clerk:
            await answered(clerk, open_store())
            opened = recorder.select_events("store-s1")[0]
            copy = StoredEvent("store-s2", 1, opened.topic, opened.state)
            assert recorder.insert_events([copy]) == [2]
            (answer,) = await answered(clerk, open_store("s3"))
            assert answer.position == 3
        assert len(await read_all(tenant)) == 3

    run(test())
