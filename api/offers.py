"""/v1/offers: what applies by itself at every till."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, delete, get, post, put
from msgspec import Meta

from api.reading import Page, read, written
from api.requests import Body, Instant, ShopRequest, Text, command_origin, expected_version
from domain.kernel.ids import CurrencyCode, Id
from domain.promotions.book import BOOK, OFFERS, EndOffer, OfferVersion, PublishOffer, require_offer
from domain.promotions.offer import (
    AmountOff,
    Base,
    Bundle,
    BuyGet,
    Conditions,
    FixedPrice,
    Gift,
    Limits,
    Offer,
    OnReturn,
    Part,
    PercentOff,
    Phase,
    SpendAndSave,
    Step,
    Target,
)
from infra.ids import uuid7
from infra.tenancy import Tenant

Ids = Annotated[tuple[Id, ...], Meta(max_length=1_000)]
Names = Annotated[tuple[Text, ...], Meta(max_length=1_000)]
Priority = Annotated[int, Meta(ge=-1_000_000, le=1_000_000, description="lower ones apply first")]


class PercentOffBody(
    PercentOff,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=False,
    tag="percent_off",
    tag_field="kind",
):
    """A share in basis points: 1000 is 10 %."""


class AmountOffBody(
    AmountOff,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=False,
    tag="amount_off",
    tag_field="kind",
):
    """An amount off each piece or kilogram (phase line), or once off the order."""


class FixedPriceBody(
    FixedPrice,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=False,
    tag="fixed_price",
    tag_field="kind",
):
    """A price per piece or kilogram, where it is below what would be paid."""


class BuyGetBody(
    BuyGet,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=False,
    tag="buy_get",
    tag_field="kind",
):
    """Of every `buy + get` pieces the `get` cheapest are cheaper by `rate_bp`; 10000 makes them free."""


class StepBody(Step, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=False):
    """From this amount on, so much off."""


class SpendAndSaveBody(
    SpendAndSave,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=False,
    tag="spend_and_save",
    tag_field="kind",
):
    """The highest step that the order reaches; with `repeat` its one step as often as it fits."""

    steps: tuple[StepBody, ...]


class PartBody(Part, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=False):
    """So many pieces of any of these SKUs."""

    skus: Ids


class BundleBody(
    Bundle,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=False,
    tag="bundle",
    tag_field="kind",
):
    """All parts together for one price."""

    parts: tuple[PartBody, ...]


class GiftBody(
    Gift,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=False,
    tag="gift",
    tag_field="kind",
):
    """Up to `quantity` pieces of a SKU for nothing, if they are in the basket."""

    sku: Id


BenefitBody = (
    PercentOffBody | AmountOffBody | FixedPriceBody | BuyGetBody | SpendAndSaveBody | BundleBody | GiftBody
)


class TargetBody(Target, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=False):
    """Which lines it covers: all, or those of SKUs or categories, without some SKUs."""

    skus: Ids = ()
    categories: Names = ()
    without_skus: Ids = ()


class ConditionsBody(Conditions, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=False):
    """Where, when, for whom. Weekdays are 1 (Monday) to 7; minutes are after the store's midnight."""

    stores: Ids = ()
    segments: Names = ()
    tiers: Names = ()
    valid_from: Instant | None = None
    valid_until: Instant | None = None


class LimitsBody(Limits, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=False):
    """How much of it there is: `cap_minor` and `uses` in one basket, the others in all."""


class OfferTerms(Body, frozen=True, kw_only=True):
    """What an offer is. Every amount ends in `_minor` and is minor units of `currency`.

    What is sold by the label of a markdown is none of its goods, unless it `stacks_with_markdowns`.
    """

    name: Text
    currency: CurrencyCode
    phase: Phase
    priority: Priority = 0
    benefit: BenefitBody
    base: Base = Base.REMAINING
    target: TargetBody = TargetBody()
    conditions: ConditionsBody = ConditionsBody()
    limits: LimitsBody = LimitsBody()
    group: Id | None = None
    on_return: OnReturn = OnReturn.KEEP
    stacks_with_markdowns: bool = False


class OfferToPublish(OfferTerms, frozen=True, kw_only=True):
    """A new offer, under an id of your choice or one that is made."""

    offer_id: Id | None = None


class OfferView(OfferTerms, frozen=True, kw_only=True):
    """An offer as it applies now."""

    offer_id: str
    version: int


def _offer(offer_id: str, terms: OfferTerms) -> Offer:
    """The offer that a body describes; its version is given when it is published."""
    given = msgspec.to_builtins(terms)
    return msgspec.convert({**given, "offer_id": offer_id, "version": 0}, Offer)


def _offer_view(offer: Offer) -> OfferView:
    return msgspec.convert(msgspec.to_builtins(offer), OfferView)


class OffersController(Controller):
    """Offers. Their versions count from 1; the ETag is the version."""

    path = "/v1/offers"
    tags = ("offers",)

    @post(operation_id="publishOffer", opt={"scope": "offers:write"})
    async def publish(
        self, request: ShopRequest, tenant: Tenant, data: OfferToPublish
    ) -> Response[OfferVersion]:
        """Puts a new offer into the book; from now on every sale tries it."""
        offer_id = data.offer_id or uuid7()
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "publishOffer")
        answer = await tenant.submit(PublishOffer(offer=_offer(offer_id, data), expected=0), origin)
        return written(answer.result, answer, 201)

    @get(operation_id="listOffers", opt={"scope": "offers:read"})
    async def list(self, tenant: Tenant) -> Page[OfferView]:
        """Every offer in the book, in the order of their ids. They are few enough for one page."""
        book = await tenant.state_of(OFFERS, BOOK)
        offers = [_offer_view(book.offers[offer_id]) for offer_id in sorted(book.offers)]
        return Page(data=offers, next_cursor=None)

    @get("/{offer_id:str}", operation_id="getOffer", opt={"scope": "offers:read"})
    async def show(self, tenant: Tenant, offer_id: str) -> Response[OfferView]:
        """An offer as it applies now and, as ETag, its version."""
        offer = require_offer(await tenant.state_of(OFFERS, BOOK), offer_id)
        return read(_offer_view(offer), offer.version)

    @put("/{offer_id:str}", operation_id="changeOffer", opt={"scope": "offers:write"})
    async def change(
        self, request: ShopRequest, tenant: Tenant, offer_id: str, data: OfferTerms
    ) -> Response[OfferVersion]:
        """Publishes the next version of an offer, also of an ended one. What was sold keeps its price."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "changeOffer", key_required=False)
        command = PublishOffer(offer=_offer(offer_id, data), expected=expected_version(request))
        answer = await tenant.submit(command, origin)
        return written(answer.result, answer, version=answer.result.version)

    @delete("/{offer_id:str}", operation_id="endOffer", opt={"scope": "offers:write"}, status_code=200)
    async def end(self, request: ShopRequest, tenant: Tenant, offer_id: str) -> Response[OfferVersion]:
        """Takes an offer out of the book. Its uses and its versions stay in the journal."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "endOffer", key_required=False)
        answer = await tenant.submit(EndOffer(offer_id=offer_id, expected=expected_version(request)), origin)
        return written(answer.result, answer, version=answer.result.version)
