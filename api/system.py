"""Health, metrics and where everything stands."""

from typing import Any

import msgspec
from litestar import Controller, Request, Response, get
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from psycopg import Error
from psycopg_pool import PoolTimeout

from api.errors import Problem
from infra.tenancy import Tenant, Tenants
from projections.kernel.checkpoints import read_checkpoints
from projections.kernel.parking import count_parked

DEAD_AFTER_S = 5.0
"""A projector gives a sign of life every second."""

_HEAD = Gauge("daybook_journal_position", "Position of the journal's last event", ["tenant"])
_LAG = Gauge(
    "daybook_projection_lag_events", "Events a projection has not folded yet", ["tenant", "projection"]
)
_LAG_S = Gauge(
    "daybook_projection_lag_seconds",
    "Age of the oldest event that a projection has not folded yet",
    ["tenant", "projection"],
)
_SILENT = Gauge(
    "daybook_projection_silent_seconds",
    "Seconds since the projector's last sign of life; -1 where there is none",
    ["tenant", "projection"],
)
_PARKED = Gauge(
    "daybook_projection_parked_keys",
    "Rows and streams of a projection at which events wait that could not be folded",
    ["tenant", "projection"],
)


class ProjectionStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far a read model is. A dead projector is not alive, whatever its lag.

    `lag` counts the events that it has not folded, `lag_s` is the age of the oldest of them in seconds.
    `parked` counts the rows and streams that take no events until an operator has seen to one that failed.
    """

    name: str
    version: int
    position: int
    lag: int
    lag_s: float
    alive: bool
    owner: str | None
    parked: int


class StatusView(msgspec.Struct, frozen=True, kw_only=True):
    """The journal's head and the read models' lag behind it, in events."""

    tenant: str
    position: int
    projections: list[ProjectionStatus]


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """ok, or the problem that a 503 names."""

    status: str


async def status_of(tenant: Tenant) -> tuple[StatusView, dict[str, float | None]]:
    """A tenant's status, and the seconds since each projector's last sign of life."""
    async with tenant.readers.connection() as connection:
        checkpoints = await read_checkpoints(connection)
        parked = await count_parked(connection)
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
            )
            for checkpoint in checkpoints
        ],
    )
    return view, {checkpoint.name: checkpoint.silent_s for checkpoint in checkpoints}


class SystemController(Controller):
    """What operators and load balancers ask."""

    tags = ("system",)

    @get("/livez", operation_id="livez", opt={"public": True})
    async def livez(self) -> Health:
        """The process answers."""
        return Health(status="ok")

    @get("/readyz", operation_id="readyz", opt={"public": True})
    async def readyz(self, request: Request[Any, Any, Any]) -> Health:
        """The database answers and is migrated."""
        tenants: Tenants = request.app.state.tenants
        try:
            await tenants.check()
        except (Error, PoolTimeout):
            raise Problem(503, "unavailable", "The database can't be used right now.") from None
        return Health(status="ok")

    @get("/metrics", operation_id="metrics", opt={"public": True}, include_in_schema=False)
    async def metrics(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Prometheus metrics of this process and of the tenants that it serves."""
        tenants: Tenants = request.app.state.tenants
        for tenant in tenants.started():
            status, silent = await status_of(tenant)
            _HEAD.labels(tenant.name).set(status.position)
            for projection in status.projections:
                silent_s = silent[projection.name]
                _LAG.labels(tenant.name, projection.name).set(projection.lag)
                _LAG_S.labels(tenant.name, projection.name).set(projection.lag_s)
                _PARKED.labels(tenant.name, projection.name).set(projection.parked)
                _SILENT.labels(tenant.name, projection.name).set(-1 if silent_s is None else silent_s)
        # As a header: Litestar would add a second charset to a text media type.
        return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    @get("/v1/status", operation_id="getStatus", opt={"scope": "status:read"})
    async def status(self, tenant: Tenant) -> StatusView:
        """How far the journal is, and how far behind each read model."""
        return (await status_of(tenant))[0]
