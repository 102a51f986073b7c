"""/v1/retention: how long what is known of customers is kept after their last activity."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, put
from msgspec import Meta

from api.reading import read, written
from api.requests import Body, ShopRequest, command_origin
from domain.privacy.retention import LONGEST_DAYS, POLICY, RETENTION, Part, SetRetention
from infra.tenancy import Tenant

PartName = Annotated[str, Meta(pattern=rf"^({'|'.join(Part)})$(?!\n)")]
Days = Annotated[int, Meta(ge=1, le=LONGEST_DAYS)]


class RetentionToSet(Body, frozen=True, kw_only=True):
    """Days by part; a part that is not named is kept."""

    periods_days: dict[PartName, Days]


class RetentionView(msgspec.Struct, frozen=True, kw_only=True):
    """The periods in force, in days by part."""

    periods_days: dict[str, int]


class RetentionController(Controller):
    """Retention periods."""

    path = "/v1/retention"
    tags = ("privacy",)

    @get(operation_id="getRetention", opt={"scope": "privacy:read"})
    async def show(self, tenant: Tenant) -> Response[RetentionView]:
        """The periods in force."""
        stream = RETENTION.stream(POLICY)
        async with tenant.readers.connection() as connection:
            found, _ = (await tenant.journal.read_states(connection, [stream]))[stream]
        return read(RetentionView(periods_days=found.state.periods_days), found.version)

    @put(operation_id="setRetention", opt={"scope": "privacy:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, data: RetentionToSet
    ) -> Response[RetentionView]:
        """Puts these periods in the place of all before. They are carried out once a day."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "setRetention", key_required=False)
        answer = await tenant.submit(SetRetention(periods_days=data.periods_days), origin)
        return written(RetentionView(periods_days=data.periods_days), answer)
