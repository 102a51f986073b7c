"""/v1/reports/stored-value: what the shop owes on gift cards and credit."""

import msgspec
from litestar import Controller, get

from api.money import money
from api.reading import caught_up
from api.requests import ShopRequest
from domain.kernel.money import Money
from infra.tenancy import Tenant
from projections.wallet.fold import Wallets
from projections.wallet.queries import owed


class OwedView(msgspec.Struct, frozen=True, kw_only=True):
    """What is owed on accounts of a kind in a currency: `issued` − `spent` + `refunded` − `expired`."""

    kind: str
    accounts: int
    balance: Money
    issued: Money
    spent: Money
    refunded: Money
    expired: Money


class LiabilitiesView(msgspec.Struct, frozen=True, kw_only=True):
    """What the shop owes, by kind and currency."""

    data: list[OwedView]


class LiabilitiesController(Controller):
    """What is owed in all."""

    path = "/v1/reports/stored-value"
    tags = ("reports",)

    @get(operation_id="storedValueReport", opt={"scope": "reports:read"})
    async def show(self, request: ShopRequest, tenant: Tenant) -> LiabilitiesView:
        """What the shop owes on gift cards and credit, and what became of all that was ever issued."""
        request.user.require_store(None)
        await caught_up(request, tenant, Wallets.name)
        async with tenant.readers.connection() as connection:
            found = await owed(connection)
        return LiabilitiesView(
            data=[
                OwedView(
                    kind=each.kind,
                    accounts=each.accounts,
                    balance=money(each.balance_minor, each.currency),
                    issued=money(each.issued_minor, each.currency),
                    spent=money(each.spent_minor, each.currency),
                    refunded=money(each.refunded_minor, each.currency),
                    expired=money(each.expired_minor, each.currency),
                )
                for each in found
            ]
        )
