"""/v1/audit: checkpoints, proofs and exports for auditors; and /v1/streams/{stream}: a state as it was."""

import base64
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get
from litestar.params import Parameter, QueryParameter
from litestar.response import Stream

from api.answers import JsonAnswer
from api.errors import Problem
from api.requests import ShopRequest
from domain.kernel.errors import NotFound
from infra.audit.checkpoint import Checkpoint, NoteError
from infra.audit.leaf import leaf_hashes
from infra.audit.proofs import begin_bundle, bundle_pieces, checkpoint_of, consistency_proof, inclusion_proof
from infra.audit.tiles import TilesMissing
from infra.event_store.as_of import position_at, state_at
from infra.postgres.pools import Connection
from infra.tenancy import Tenant

MOST = 10**18
JSON_LINES = "application/jsonl"

Position = Annotated[int, Parameter(ge=1, le=MOST, description="a position of the journal")]
Size = Annotated[
    int | None, Parameter(ge=1, le=MOST, description="the size of a checkpoint; without it, of the last one")
]
From = Annotated[int, QueryParameter(name="from", ge=1, le=MOST, description="the first position")]
To = Annotated[
    int | None,
    QueryParameter(name="to", ge=1, le=MOST, description="the last position; without it, all sealed"),
]
FromSize = Annotated[
    int, QueryParameter(name="from", ge=1, le=MOST, description="the size of the older tree")
]
ToSize = Annotated[
    int | None,
    QueryParameter(
        name="to", ge=1, le=MOST, description="the size of a later checkpoint; without it, the last one"
    ),
]
Since = Annotated[
    int | None,
    Parameter(ge=1, le=MOST, description="the size of a checkpoint in hand, to be shown to be continued"),
]
AsOf = Annotated[
    str | None,
    Parameter(max_length=40, description="a position, or an instant in RFC 3339; without it, now"),
]


class CheckpointView(msgspec.Struct, frozen=True, kw_only=True):
    """A signed checkpoint: `note` is C2SP's text, byte for byte; the rest says what is in it."""

    origin: str
    size: int
    root: str
    note: str


class InclusionView(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9162's audit path, hashes in base64; the leaf is at position - 1 of a tree of the note's size."""

    position: int
    leaf_hash: str
    proof: list[str]
    checkpoint: CheckpointView


class ConsistencyView(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9162's proof, hashes in base64, that the tree of `from_size` leaves begins the other."""

    from_size: int
    proof: list[str]
    checkpoint: CheckpointView


class StreamState(msgspec.Struct, frozen=True, kw_only=True):
    """A stream as it was at a position of the journal (`as_of`), personal fields sealed.

    `version` events had been folded into it, of which the last stands at `position`.
    """

    stream: str
    version: int
    position: int
    as_of: int
    state: msgspec.Raw


class AuditController(Controller):
    """For auditors. Their keys open every store: the tree is over events of all of them."""

    path = "/v1/audit"
    tags = ("audit",)

    @get("/checkpoint", operation_id="getCheckpoint", opt={"scope": "audit:read"})
    async def checkpoint(self, request: ShopRequest, tenant: Tenant, size: Size = None) -> CheckpointView:
        """The last checkpoint, or that of a size. What comes after it is not sealed yet."""
        request.user.require_store(None)
        async with tenant.readers.connection() as connection:
            return await _checkpoint(connection, size)

    @get("/inclusion", operation_id="proveInclusion", opt={"scope": "audit:read"})
    async def inclusion(
        self, request: ShopRequest, tenant: Tenant, position: Position, size: Size = None
    ) -> InclusionView:
        """The proof that an event, as it is now, is in what a checkpoint has sealed."""
        request.user.require_store(None)
        async with tenant.readers.connection() as connection:
            checkpoint = await _checkpoint(connection, size)
            _require_sealed(position, checkpoint.size)
            entries = await tenant.journal.stored_page(connection, position - 1, 1)
            if not entries or entries[0].position != position:
                raise NotFound(f"Position {position} is missing.", kind="position", id=str(position))
            try:
                proof = await inclusion_proof(connection, position, checkpoint.size)
            except TilesMissing:
                raise _unavailable() from None
        return InclusionView(
            position=position,
            leaf_hash=_text(leaf_hashes(entries)[0]),
            proof=[_text(hash_) for hash_ in proof],
            checkpoint=checkpoint,
        )

    @get("/consistency", operation_id="proveConsistency", opt={"scope": "audit:read"})
    async def consistency(
        self, request: ShopRequest, tenant: Tenant, from_size: FromSize, to_size: ToSize = None
    ) -> ConsistencyView:
        """The proof that what an older checkpoint has sealed is the beginning of what a later one has."""
        request.user.require_store(None)
        async with tenant.readers.connection() as connection:
            checkpoint = await _checkpoint(connection, to_size)
            _require_sealed(from_size, checkpoint.size)
            try:
                proof = await consistency_proof(connection, from_size, checkpoint.size)
            except TilesMissing:
                raise _unavailable() from None
        return ConsistencyView(
            from_size=from_size, proof=[_text(hash_) for hash_ in proof], checkpoint=checkpoint
        )

    @get("/export", operation_id="exportAudit", opt={"scope": "audit:read"}, media_type=JSON_LINES)
    async def export(
        self,
        request: ShopRequest,
        tenant: Tenant,
        first: From = 1,
        last: To = None,
        size: Size = None,
        since: Since = None,
    ) -> Stream:
        """A range as CloudEvents in JSON Lines, with its proof; `verify-bundle` checks it offline.

        An export that was cut off goes on with the position after its last whole line and the same `size`:
        append what comes to the same file.
        """
        request.user.require_store(None)
        async with tenant.readers.connection() as connection:
            checkpoint = await _found(connection, size)
            last = checkpoint.size if last is None else last
            _require_sealed(max(last, since or 0), checkpoint.size)
            if first > last:
                raise Problem(400, "invalid_request", "from is at most to.", parameter="from")
            try:
                begun = await begin_bundle(connection, checkpoint, first, last, since)
            except TilesMissing:
                raise _unavailable() from None
        pieces = bundle_pieces(tenant.readers.connection, tenant.journal, begun, checkpoint)
        return Stream(pieces, media_type=JSON_LINES)


class StreamsController(Controller):
    """States of streams, as they were."""

    path = "/v1/streams"
    tags = ("audit",)

    @get("/{stream:str}", operation_id="getStreamState", opt={"scope": "audit:read"})
    async def state(
        self, request: ShopRequest, tenant: Tenant, stream: str, as_of: AsOf = None
    ) -> Response[StreamState]:
        """A stream's state at a position or an instant.

        A stream is named like `sale-…` or `stock-main/apple`, the slash as it is or as %2F.
        """
        return await _state(request, tenant, stream, as_of)

    # As in api/journal.py: a name with a slash arrives here either way.
    @get("/{stream:str}/{item:str}", opt={"scope": "audit:read"}, include_in_schema=False)
    async def item_state(
        self, request: ShopRequest, tenant: Tenant, stream: str, item: str, as_of: AsOf = None
    ) -> Response[StreamState]:
        """The same for a stream of two parts."""
        return await _state(request, tenant, f"{stream}/{item}", as_of)


async def _state(
    request: ShopRequest, tenant: Tenant, stream: str, as_of: str | None
) -> Response[StreamState]:
    request.user.require_store(None)
    async with tenant.readers.connection() as connection:
        until = await position_of(connection, tenant, as_of)
        try:
            found, position = await state_at(connection, tenant.journal, stream, until)
        except KeyError:
            found, position = None, 0
    if found is None or not found.version:
        raise NotFound(f"There was no stream {stream!r} then. Check the id.", kind="stream", id=stream)
    state = msgspec.Raw(msgspec.json.encode(found.state))
    return JsonAnswer(
        StreamState(stream=stream, version=found.version, position=position, as_of=until, state=state)
    )


async def position_of(connection: Connection, tenant: Tenant, as_of: str | None) -> int:
    """The position that is meant. Problem 400 for what is neither a position nor an instant."""
    head = (await tenant.journal.head(connection)).position
    if as_of is None:
        return head
    if as_of.isascii() and as_of.isdigit():
        if int(as_of) > head:
            raise NotFound(f"The journal ends at position {head}.", kind="position", id=as_of)
        return int(as_of)
    try:
        instant = datetime.fromisoformat(as_of)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise Problem(
            400,
            "invalid_request",
            "as_of is a position or an instant: 2026-11-01T00:00:00Z, a + written as %2B.",
            parameter="as_of",
        )
    return await position_at(connection, tenant.journal, instant)


async def _found(connection: Connection, size: int | None) -> Checkpoint:
    """The checkpoint as it stands in the database. Problem 503 where somebody damaged it there."""
    try:
        return await checkpoint_of(connection, size)
    except NoteError:
        raise _unavailable() from None


async def _checkpoint(connection: Connection, size: int | None) -> CheckpointView:
    found = await _found(connection, size)
    return CheckpointView(origin=found.origin, size=found.size, root=_text(found.root), note=found.note)


def _require_sealed(position: int, size: int) -> None:
    if position > size:
        raise NotFound(
            f"The checkpoint ends at position {size}: {position} is not sealed by it.",
            kind="position",
            id=str(position),
        )


def _unavailable() -> Problem:
    return Problem(503, "proof_unavailable", "The tree in the database is damaged. Run daybook audit verify.")


def _text(hash_: bytes) -> str:
    return base64.b64encode(hash_).decode()
