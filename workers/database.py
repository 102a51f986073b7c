"""Where the data is: the configured PostgreSQL, or Daybook's own, running or started for the occasion."""

from collections.abc import Generator
from contextlib import contextmanager

import msgspec

from infra.postgres.embedded import embedded
from infra.settings import Settings


class Database(msgspec.Struct, frozen=True, kw_only=True):
    """Connection strings: of the schemas' owner, of the service, and of the key store for each of the two."""

    owner: str
    service: str
    keys_owner: str
    keys: str


@contextmanager
def database(settings: Settings) -> Generator[Database]:
    """The database of these settings; Daybook's own server runs at least until the block ends."""
    if settings.database_url is not None:
        owner = settings.owner_database_url or settings.database_url
        yield Database(
            owner=owner,
            service=settings.database_url,
            keys_owner=settings.keys_database_url or owner,
            keys=settings.keys_database_url or settings.database_url,
        )
        return
    with embedded(settings.data_dir) as urls:
        yield Database(
            owner=urls.owner,
            service=urls.service,
            keys_owner=settings.keys_database_url or urls.owner,
            keys=settings.keys_database_url or urls.service,
        )
