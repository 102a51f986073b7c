"""/v1/projections: how far each read model is, who keeps it, and what is being made anew."""

import msgspec
from litestar import Controller, get

from infra.tenancy import Tenant
from projections.kernel.checkpoints import read_checkpoints
from projections.kernel.parking import count_parked
from projections.kernel.rebuilds import Kept, Rebuild, list_previous, read_rebuilds

DEAD_AFTER_S = 5.0
"""A projector gives a sign of life every second."""


class RebuildStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A projection that is being made anew beside the one that is read. With an `error` it has stopped.

    `folded` is the position it has come to, `position` the one that a crash would not undo.
    """

    version: int
    position: int
    folded: int
    events_per_s: float
    seconds_left: float | None
    owner: str | None
    alive: bool
    error: str | None


class ProjectionStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far a read model is. A dead projector is not alive, whatever its lag.

    `lag` counts the events that it has not folded, `lag_s` is the age of the oldest of them in seconds.
    `parked` counts the rows and streams that take no events until an operator has seen to one that failed.
    `version` is that of its tables; `rebuild` is under way or has failed; `previous` is kept for a rollback.
    """

    name: str
    version: int
    position: int
    lag: int
    lag_s: float
    alive: bool
    owner: str | None
    parked: int
    rebuild: RebuildStatus | None
    previous: Kept | None


class StatusView(msgspec.Struct, frozen=True, kw_only=True):
    """The journal's head and the read models' lag behind it, in events."""

    tenant: str
    position: int
    projections: list[ProjectionStatus]


def _rebuild_status(rebuild: Rebuild | None, head: int) -> RebuildStatus | None:
    if rebuild is None:
        return None
    left_s = rebuild.seconds_left(head)
    return RebuildStatus(
        version=rebuild.version,
        position=rebuild.position,
        folded=rebuild.folded,
        events_per_s=round(rebuild.rate, 1),
        seconds_left=None if left_s is None else round(left_s, 1),
        owner=rebuild.owner,
        alive=rebuild.silent_s is not None and rebuild.silent_s < DEAD_AFTER_S,
        error=rebuild.error,
    )


async def status_of(tenant: Tenant) -> tuple[StatusView, dict[str, float | None]]:
    """A tenant's status, and the seconds since each projector's last sign of life."""
    async with tenant.readers.connection() as connection:
        checkpoints = await read_checkpoints(connection)
        parked = await count_parked(connection)
        rebuilds = {rebuild.name: rebuild for rebuild in await read_rebuilds(connection)}
        previous = await list_previous(connection)
        head = await tenant.journal.head(connection)
    view = StatusView(
        tenant=tenant.name,
        position=head.position,
        projections=[
            ProjectionStatus(
                name=checkpoint.name,
                version=checkpoint.version,
                position=checkpoint.position,
                lag=max(0, head.position - checkpoint.position),
                lag_s=checkpoint.lag_s,
                alive=checkpoint.silent_s is not None and checkpoint.silent_s < DEAD_AFTER_S,
                owner=checkpoint.owner,
                parked=parked.get(checkpoint.name, 0),
                rebuild=_rebuild_status(rebuilds.get(checkpoint.name), head.position),
                previous=previous.get(checkpoint.name),
            )
            for checkpoint in checkpoints
        ],
    )
    return view, {checkpoint.name: checkpoint.silent_s for checkpoint in checkpoints}


class ProjectionsController(Controller):
    """Read models, for whoever operates them."""

    path = "/v1/projections"
    tags = ("system",)

    @get(operation_id="listProjections", opt={"scope": "status:read"})
    async def list(self, tenant: Tenant) -> StatusView:
        """Position, lag, keeper and rebuild of each read model."""
        return (await status_of(tenant))[0]
