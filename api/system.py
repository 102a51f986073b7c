"""Health, metrics and where everything stands."""

from typing import Any

import msgspec
from litestar import Controller, Request, Response, get
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from psycopg import Error
from psycopg_pool import PoolTimeout

from api.errors import Problem
from api.projections import StatusView, status_of
from infra.audit.sealer import read_status
from infra.tenancy import Tenant, Tenants

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
_INDEX_LAG = Gauge(
    "daybook_customer_index_lag_events",
    "Events that the index of customers has not followed yet; erasures may be among them",
    ["tenant"],
)

_OWNER = Gauge(
    "daybook_projection_owner_info",
    "1 for the projector process that has the lease of a projection",
    ["tenant", "projection", "owner"],
)
_REBUILD = Gauge(
    "daybook_projection_rebuild_lag_events",
    "Events that a rebuild which is under way has not folded yet",
    ["tenant", "projection"],
)
_REBUILD_FAILED = Gauge(
    "daybook_projection_rebuild_failed",
    "1 where a rebuild has stopped and waits for an operator",
    ["tenant", "projection"],
)
_SEALED = Gauge("daybook_audit_sealed_position", "Position up to which the journal is sealed", ["tenant"])
_UNSEALED = Gauge("daybook_audit_lag_events", "Events that are not sealed yet", ["tenant"])
_CHECKPOINT_AGE = Gauge(
    "daybook_audit_checkpoint_age_seconds",
    "Seconds since the last checkpoint; -1 where there is none",
    ["tenant"],
)
_SEALER_SILENT = Gauge(
    "daybook_audit_sealer_silent_seconds",
    "Seconds since the sealer's last sign of life; -1 where there is none",
    ["tenant"],
)
_SEALER_FAILED = Gauge(
    "daybook_audit_sealer_failed", "1 where the journal can't be sealed, or contradicts what was", ["tenant"]
)

# What comes and goes: a series that is over must not stay.
_PASSING = (_OWNER, _REBUILD, _REBUILD_FAILED)


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """ok, or the problem that a 503 names."""

    status: str


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
        found = [await status_of(tenant) for tenant in tenants.started()]
        for gauge in _PASSING:
            gauge.clear()
        for tenant in tenants.started():
            async with tenant.readers.connection() as connection:
                reached = await tenant.people.reached(connection)
                head = await tenant.journal.head(connection)
            _INDEX_LAG.labels(tenant.name).set(head.position - reached)
        for status, silent in found:
            _HEAD.labels(status.tenant).set(status.position)
            for projection in status.projections:
                labels = (status.tenant, projection.name)
                silent_s = silent[projection.name]
                _LAG.labels(*labels).set(projection.lag)
                _LAG_S.labels(*labels).set(projection.lag_s)
                _PARKED.labels(*labels).set(projection.parked)
                _SILENT.labels(*labels).set(-1 if silent_s is None else silent_s)
                if projection.owner is not None:
                    _OWNER.labels(*labels, projection.owner).set(1)
                if projection.rebuild is not None:
                    if projection.rebuild.error is None:
                        _REBUILD.labels(*labels).set(max(0, status.position - projection.rebuild.folded))
                    _REBUILD_FAILED.labels(*labels).set(projection.rebuild.error is not None)
        for tenant in tenants.started():
            await _tell_seal(tenant)
        # As a header: Litestar would add a second charset to a text media type.
        return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    @get("/v1/status", operation_id="getStatus", opt={"scope": "status:read"})
    async def status(self, tenant: Tenant) -> StatusView:
        """How far the journal is, and how far behind each read model."""
        return (await status_of(tenant))[0]


async def _tell_seal(tenant: Tenant) -> None:
    async with tenant.readers.connection() as connection:
        seal = await read_status(connection)
    _SEALED.labels(tenant.name).set(seal.size)
    _UNSEALED.labels(tenant.name).set(seal.position - seal.size)
    _CHECKPOINT_AGE.labels(tenant.name).set(-1 if seal.checkpoint_age_s is None else seal.checkpoint_age_s)
    _SEALER_SILENT.labels(tenant.name).set(-1 if seal.silent_s is None else seal.silent_s)
    _SEALER_FAILED.labels(tenant.name).set(seal.error is not None)
