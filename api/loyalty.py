"""/v1/loyalty and the wallets of customers: what purchases earn, and the points somebody has."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, put
from msgspec import Meta

from api.reading import read, written
from api.requests import Body, Instant, Positive, ShopRequest, command_origin, expected_version
from domain.customers.customer import CUSTOMER
from domain.kernel.errors import NotFound
from domain.kernel.ids import CurrencyCode
from domain.kernel.money import Money
from domain.loyalty.points import LOYALTY
from domain.loyalty.programme import MAIN, MAX_DAYS, PROGRAMME, Programme, ProgrammeVersion, SetProgramme
from infra.event_store.clerk import now_utc
from infra.tenancy import Tenant

Days = Annotated[int, Meta(ge=1, le=MAX_DAYS)]


class ProgrammeTerms(Body, frozen=True, kw_only=True):
    """A programme: `earn_points` for every `earn_minor` paid, `redeem_points` pay `redeem_minor`.

    Points last `days`; without it they last for ever. Lapsed points that a return gives back last
    `grace_days` more; without it they come back lapsed.
    """

    currency: CurrencyCode
    earn_points: Positive
    earn_minor: Positive
    redeem_points: Positive
    redeem_minor: Positive
    days: Days | None = None
    grace_days: Days | None = None


class ProgrammeView(ProgrammeTerms, frozen=True, kw_only=True):
    """The programme of today and, counted from 1, its version."""

    version: int


class LotView(msgspec.Struct, frozen=True, kw_only=True):
    """Points that lapse together; null: never."""

    points: int
    expires_at: Instant | None


class WalletView(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's points. `lots` are in the order in which they are spent.

    `spendable` is what pays now and `worth` what that pays; `owed` points were taken back by returns after
    they had been spent, and what is earned next pays them.
    """

    customer_id: str
    spendable: int
    worth: Money | None
    owed: int
    lots: list[LotView]


class LoyaltyController(Controller):
    """The membership programme."""

    path = "/v1/loyalty/programme"
    tags = ("loyalty",)

    @get(operation_id="getProgramme", opt={"scope": "loyalty:read"})
    async def show(self, tenant: Tenant) -> Response[ProgrammeView]:
        """The programme and, as ETag, its version."""
        versions = await tenant.state_of(PROGRAMME, MAIN)
        if versions.present is None:
            raise NotFound(
                'There is no programme yet. PUT one with If-Match: "0".', kind="programme", id=MAIN
            )
        view = ProgrammeView(**msgspec.structs.asdict(versions.present), version=len(versions.all))
        return read(view, view.version)

    @put(operation_id="setProgramme", opt={"scope": "loyalty:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, data: ProgrammeTerms
    ) -> Response[ProgrammeVersion]:
        """Makes the programme, or its next version; before the first, If-Match is "0".

        Sales use it from now on. Returns are reckoned by the version of their sale.
        """
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "setProgramme", key_required=False)
        programme = Programme(**msgspec.structs.asdict(data))
        answer = await tenant.submit(
            SetProgramme(programme=programme, expected=expected_version(request)), origin
        )
        return written(answer.result, answer, version=answer.result.version)


class WalletsController(Controller):
    """What customers hold."""

    path = "/v1/customers/{customer_id:str}/wallet"
    tags = ("loyalty",)

    @get(operation_id="getWallet", opt={"scope": "loyalty:read"})
    async def show(self, tenant: Tenant, customer_id: str) -> WalletView:
        """The points of a customer, from the journal itself."""
        await tenant.require_state(CUSTOMER, customer_id)
        account = await tenant.state_of(LOYALTY, customer_id)
        programme = (await tenant.state_of(PROGRAMME, MAIN)).present
        now = now_utc()
        spendable = account.spendable(now)
        worth = None
        if programme is not None:
            minor = spendable * programme.redeem_minor // programme.redeem_points
            worth = Money(amount=minor, currency=programme.currency)
        return WalletView(
            customer_id=customer_id,
            spendable=spendable,
            worth=worth,
            owed=account.owed,
            lots=[
                LotView(points=lot.points, expires_at=lot.expires_at)
                for lot in account.lots
                if not lot.has_lapsed(now)
            ],
        )
