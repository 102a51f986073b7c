"""/v1/loyalty and the wallets of customers: what purchases earn, and what somebody holds."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, put
from msgspec import Meta

from api.accesses import opened
from api.persons import person_of
from api.reading import caught_up, read, written
from api.requests import Body, Instant, Positive, ShopRequest, Text, command_origin, expected_version
from api.stored_value import CardView, ValueView, card_view, value_views
from domain.kernel.errors import NotFound
from domain.kernel.ids import CurrencyCode, Id
from domain.kernel.money import Money
from domain.loyalty.earning import MAX_MULTIPLIER_BP, MAX_RULES, MAX_TIERS, PLAIN_BP, EarnRule, Tier, Window
from domain.loyalty.lots import together
from domain.loyalty.points import LOYALTY, Account
from domain.loyalty.programme import (
    MAIN,
    MAX_DAYS,
    MAX_TIER_MONTHS,
    PROGRAMME,
    Pays,
    Programme,
    ProgrammeVersion,
    SetProgramme,
)
from domain.stored_value.value import CREDIT, GIFT_CARD
from domain.stored_value.value import Account as StoredAccount
from infra.event_store.clerk import now_utc
from infra.tenancy import Tenant
from projections.wallet.fold import Wallets
from projections.wallet.queries import cards_of, open_coupons

Days = Annotated[int, Meta(ge=1, le=MAX_DAYS)]
Ids = Annotated[tuple[Id, ...], Meta(max_length=1_000)]
Names = Annotated[tuple[Text, ...], Meta(max_length=1_000)]
Multiplier = Annotated[int, Meta(ge=0, le=MAX_MULTIPLIER_BP, description="basis points: 20000 doubles")]

MOST_SHOWN = 100
"""Coupons and gift cards of a wallet."""


class EarnRuleBody(EarnRule, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=False):
    """Lines that earn more or less. What is left out does not restrict; the highest multiplier counts."""

    name: Text
    multiplier_bp: Multiplier
    skus: Ids = ()
    categories: Names = ()
    tiers: Names = ()
    valid_from: Instant | None = None
    valid_until: Instant | None = None


class TierBody(Tier, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=False):
    """Reached by a qualifying amount in minor units; its members earn `multiplier_bp` of what others do."""

    name: Text
    from_minor: Positive
    multiplier_bp: Multiplier = PLAIN_BP


class ProgrammeTerms(Body, frozen=True, kw_only=True):
    """A programme: `earn_points` for every `earn_minor` paid, `redeem_points` pay `redeem_minor`.

    Points last `days`; without it they last for ever. Lapsed points that a return gives back last
    `grace_days` more; without it they come back lapsed. `tiers` rise; what qualifies is what was paid in the
    calendar year or in the last `tier_months`. A review that finds too little lets a tier be for
    `tier_grace_days`.
    """

    currency: CurrencyCode
    earn_points: Positive
    earn_minor: Positive
    redeem_points: Positive
    redeem_minor: Positive
    days: Days | None = None
    grace_days: Days | None = None
    pays: Pays = Pays.TENDER
    rules: Annotated[tuple[EarnRuleBody, ...], Meta(max_length=MAX_RULES)] = ()
    excluded_skus: Ids = ()
    excluded_categories: Names = ()
    tiers: Annotated[tuple[TierBody, ...], Meta(max_length=MAX_TIERS)] = ()
    tier_window: Window = Window.ROLLING
    tier_months: Annotated[int, Meta(ge=1, le=MAX_TIER_MONTHS)] = 12
    tier_grace_days: Days | None = None


class ProgrammeView(ProgrammeTerms, frozen=True, kw_only=True):
    """The programme of today and, counted from 1, its version."""

    version: int


class LotView(msgspec.Struct, frozen=True, kw_only=True):
    """Points that lapse together; null: never."""

    points: int
    expires_at: Instant | None


class TierView(msgspec.Struct, frozen=True, kw_only=True):
    """The customer's tier; a review found too little where `grace_until` is not null."""

    name: str
    grace_until: Instant | None


class CreditView(msgspec.Struct, frozen=True, kw_only=True):
    """Store credit: what it pays now, in the order in which it is spent."""

    balance: Money
    lots: list[ValueView]


class WalletCouponView(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon of the customer that was not used."""

    coupon_id: str
    campaign_id: str


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """What one of the person's records holds: a sale that names its id spends and earns there."""

    customer_id: str
    spendable: int
    owed: int
    tier: TierView | None
    credit: CreditView | None


class WalletView(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer holds, under all their ids. `lots` of points are in the order in which they are spent.

    `spendable` is what pays now and `worth` what that pays; `owed` points were taken back by returns after
    they had been spent, and what is earned next pays them. Of coupons and gift cards the first hundred are
    told. `accounts` says what lies under which id; a tier is that of the id's own account. `credit` adds up
    what is in the currency of the first account that has any.
    """

    customer_id: str
    spendable: int
    worth: Money | None
    owed: int
    lots: list[LotView]
    tier: TierView | None
    credit: CreditView | None
    coupons: list[WalletCouponView]
    gift_cards: list[CardView]
    accounts: list[AccountView]


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
        terms = msgspec.to_builtins(versions.present)
        view = msgspec.convert({**terms, "version": len(versions.all)}, ProgrammeView)
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
        programme = msgspec.convert(msgspec.to_builtins(data), Programme)
        answer = await tenant.submit(
            SetProgramme(programme=programme, expected=expected_version(request)), origin
        )
        return written(answer.result, answer, version=answer.result.version)


class WalletsController(Controller):
    """What customers hold."""

    path = "/v1/customers/{customer_id:str}/wallet"
    tags = ("loyalty",)

    @get(operation_id="getWallet", opt={"scope": "loyalty:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, customer_id: str) -> WalletView:
        """Points by lot, tier, credit, open coupons and gift cards of a customer.

        What pays is read from the journal itself; a read model says which coupons and cards there are.
        """
        person = await person_of(request, tenant, customer_id)
        await caught_up(request, tenant, Wallets.name)
        await opened(request, tenant, (), about=person.subjects)
        async with tenant.readers.connection() as connection:
            coupons = [
                coupon for id_ in person.ids for coupon in await open_coupons(connection, id_, MOST_SHOWN)
            ][:MOST_SHOWN]
            cards = [card for id_ in person.ids for card in await cards_of(connection, id_, MOST_SHOWN)]
            cards = cards[:MOST_SHOWN]
            own = [kind.stream(id_) for id_ in person.ids for kind in (LOYALTY, CREDIT)]
            streams = [*cards, *own]
            states = await tenant.journal.read_states(connection, streams)
        programme = (await tenant.state_of(PROGRAMME, MAIN)).present
        now = now_utc()
        points: list[Account] = [states[LOYALTY.stream(id_)][0].state for id_ in person.ids]
        owed_to = [states[CREDIT.stream(id_)][0].state for id_ in person.ids]
        worth = None
        if programme is not None:
            # Each account pays by itself, so what is left over of each is no money.
            minor = sum(
                account.spendable(now) * programme.redeem_minor // programme.redeem_points
                for account in points
            )
            worth = Money(amount=minor, currency=programme.currency)
        accounts = [
            AccountView(
                customer_id=id_,
                spendable=account.spendable(now),
                owed=account.owed,
                tier=_tier_view(account),
                credit=_credit_view([credit], now),
            )
            for id_, account, credit in zip(person.ids, points, owed_to, strict=True)
        ]
        return WalletView(
            customer_id=customer_id,
            spendable=sum(account.spendable for account in accounts),
            worth=worth,
            owed=sum(account.owed for account in accounts),
            lots=[
                LotView(points=lot.points, expires_at=lot.expires_at)
                for lot in together([lot for account in points for lot in account.lots], ())
                if not lot.has_lapsed(now)
            ],
            tier=accounts[0].tier,
            credit=_credit_view(owed_to, now),
            coupons=[
                WalletCouponView(coupon_id=coupon.coupon_id, campaign_id=coupon.campaign_id)
                for coupon in coupons
            ],
            gift_cards=[
                card_view(card.removeprefix(GIFT_CARD.stream("")), states[card][0].state) for card in cards
            ],
            accounts=accounts,
        )


def _tier_view(account: Account) -> TierView | None:
    standing = account.standing
    if standing.tier is None:
        return None
    return TierView(name=standing.tier, grace_until=standing.grace_until)


def _credit_view(owed_to: Sequence[StoredAccount], now: datetime) -> CreditView | None:
    """Credits of one currency as one; None where there are none."""
    held = [credit for credit in owed_to if credit.currency]
    if not held:
        return None
    currency = held[0].currency
    alike = [credit for credit in held if credit.currency == currency]
    return CreditView(
        balance=Money(amount=sum(credit.spendable_minor(now) for credit in alike), currency=currency),
        lots=[view for credit in alike for view in value_views(credit, now)],
    )
