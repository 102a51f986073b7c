"""/v1/events and /v1/streams: the journal as it was stored, oldest first."""

from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.params import Parameter

from api.reading import MAX_PAGE, Page
from api.requests import Instant, ShopRequest
from domain.kernel.errors import NotFound
from infra.event_store.journal import StoredEntry
from infra.tenancy import Tenant

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
After = Annotated[int, Parameter(ge=0, le=2**62, description="the last position (or version) you have seen")]


class StoredEnvelope(msgspec.Struct, frozen=True, kw_only=True):
    """An entry's stored bytes, the data untouched."""

    occurred_at: Instant
    recorded_at: Instant
    actor: str
    channel: str
    terminal: str | None = None
    command_id: str
    correlation_id: str
    causation_id: str | None = None
    data: msgspec.Raw


class EntryView(StoredEnvelope, frozen=True, kw_only=True):
    """An entry of the journal, its data as stored (personal fields sealed)."""

    position: int
    stream: str
    version: int
    type: str


_DECODER = msgspec.json.Decoder(StoredEnvelope)


def _view(entry: StoredEntry) -> EntryView:
    envelope = _DECODER.decode(entry.state)
    return EntryView(
        position=entry.position,
        stream=entry.stream,
        version=entry.version,
        type=entry.type,
        **msgspec.structs.asdict(envelope),
    )


class JournalController(Controller):
    """The journal. Its keys open every store: events of all of them stand in one sequence."""

    path = "/v1"
    tags = ("journal",)

    @get("/events", operation_id="listEvents", opt={"scope": "events:read"})
    async def events(
        self, request: ShopRequest, tenant: Tenant, after: After = 0, limit: Limit = 100
    ) -> Page[EntryView]:
        """Entries after a position; `next_cursor` is the `after` of the next page."""
        request.user.require_store(None)
        async with tenant.readers.connection() as connection:
            entries = await tenant.journal.stored_page(connection, after, limit + 1)
        more = str(entries[limit - 1].position) if len(entries) > limit else None
        return Page(data=[_view(entry) for entry in entries[:limit]], next_cursor=more)

    @get("/streams/{stream:str}/events", operation_id="listStreamEvents", opt={"scope": "events:read"})
    async def stream_events(
        self, request: ShopRequest, tenant: Tenant, stream: str, after: After = 0, limit: Limit = 100
    ) -> Page[EntryView]:
        """Entries of one stream after a version.

        A stream is named like `sale-…` or `stock-main/apple`, the slash as it is or as %2F.
        """
        return await _stream_page(request, tenant, stream, after, limit)

    # Servers decode %2F before they route, so a name with a slash arrives here either way.
    @get("/streams/{stream:str}/{item:str}/events", opt={"scope": "events:read"}, include_in_schema=False)
    async def item_events(
        self,
        request: ShopRequest,
        tenant: Tenant,
        stream: str,
        item: str,
        after: After = 0,
        limit: Limit = 100,
    ) -> Page[EntryView]:
        """The same for a stream of two parts."""
        return await _stream_page(request, tenant, f"{stream}/{item}", after, limit)


async def _stream_page(
    request: ShopRequest, tenant: Tenant, stream: str, after: int, limit: int
) -> Page[EntryView]:
    request.user.require_store(None)
    async with tenant.readers.connection() as connection:
        entries = await tenant.journal.stored_stream(connection, stream, after, limit + 1)
        if not entries and not await tenant.journal.stored_stream(connection, stream, 0, 1):
            raise NotFound(f"There is no stream {stream!r}. Check the id.", kind="stream", id=stream)
    more = str(entries[limit - 1].version) if len(entries) > limit else None
    return Page(data=[_view(entry) for entry in entries[:limit]], next_cursor=more)
