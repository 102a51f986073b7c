"""The book of offers: what applies by itself at every till, each change a new version."""

from collections.abc import Collection, Iterable, Mapping
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import AlreadyExists, NotFound, Refusal
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind, require_version
from domain.promotions.checks import check_offer
from domain.promotions.offer import Offer, OnReturn
from domain.promotions.stacking import Grant, Used

SNAPSHOT_EVERY = 100
BOOK = "book"
"""The one stream of its kind: a sale looks at every offer there is."""
MAX_OFFERS = 500
"""In the book at a time: a sale tries each of them."""


class OfferPublished(Event, frozen=True, kw_only=True, omit_defaults=True):
    """From now on sales use this version of the offer."""

    TYPE: ClassVar = "offer.published.v1"
    offer: Offer


class OfferEnded(Event, frozen=True, kw_only=True, omit_defaults=True):
    """No sale uses the offer any more; `version` was the last."""

    TYPE: ClassVar = "offer.ended.v1"
    offer_id: str
    version: int


class OfferDrawn(Event, frozen=True, kw_only=True, omit_defaults=True):
    """One sale counts against the offer's limits. Only where it has some."""

    TYPE: ClassVar = "offer.drawn.v1"
    offer_id: str
    version: int
    sale_id: str
    customer_id: str | None = None
    amount_minor: int


class OfferUsedByCustomer(Event, frozen=True, kw_only=True, omit_defaults=True):
    """One sale counts against what one customer may have of the offer; in a `year`, where that is limited."""

    TYPE: ClassVar = "offer.used_by_customer.v1"
    offer_id: str
    customer_id: str
    sale_id: str
    year: int = 0


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """The offers that apply, the last version of every id, and the versions that returns price anew with.

    `limited` are the ids of those whose uses are counted: few, and every sale asks for them.
    """

    offers: dict[str, Offer] = {}
    versions: dict[str, int] = {}
    repriced: dict[str, Offer] = {}
    limited: tuple[str, ...] = ()


def version_key(offer_id: str, version: int) -> str:
    """A version's key in `Book.repriced`: `autumn@3`."""
    return f"{offer_id}@{version}"


def evolve(state: Book, event: Event) -> Book:
    """The book after `event`."""
    match event:
        case OfferPublished():
            offer = event.offer
            repriced = state.repriced
            if offer.on_return is OnReturn.REPRICE:
                repriced = {**repriced, version_key(offer.offer_id, offer.version): offer}
            offers = {**state.offers, offer.offer_id: offer}
            return Book(
                offers=offers,
                versions={**state.versions, offer.offer_id: offer.version},
                repriced=repriced,
                limited=_limited(offers),
            )
        case OfferEnded():
            offers = {id_: offer for id_, offer in state.offers.items() if id_ != event.offer_id}
            return msgspec.structs.replace(state, offers=offers, limited=_limited(offers))
        case _:
            return state


class OfferReleased(Event, frozen=True, kw_only=True, omit_defaults=True):
    """What an order was counted for is free again: it was given up before it was a sale."""

    TYPE: ClassVar = "offer.released.v1"
    offer_id: str
    sale_id: str
    amount_minor: int


class OfferUseReturned(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A customer may use the offer once more: the order that did was given up before it was a sale."""

    TYPE: ClassVar = "offer.use_returned.v1"
    offer_id: str
    customer_id: str
    sale_id: str
    year: int = 0


def _limited(offers: Mapping[str, Offer]) -> tuple[str, ...]:
    return tuple(id_ for id_, offer in offers.items() if offer.is_counted or offer.is_by_customer)


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a limited offer is gone."""

    uses: int = 0
    given_minor: int = 0


def evolve_drawn(state: Drawn, event: Event) -> Drawn:
    """The counts after `event`."""
    match event:
        case OfferDrawn():
            return Drawn(uses=state.uses + 1, given_minor=state.given_minor + event.amount_minor)
        case OfferReleased():
            return Drawn(uses=state.uses - 1, given_minor=state.given_minor - event.amount_minor)
        case _:
            return state


class CustomerUses(msgspec.Struct, frozen=True, kw_only=True):
    """How often one customer used one offer, and in which years."""

    uses: int = 0
    by_year: dict[int, int] = {}


def evolve_customer_uses(state: CustomerUses, event: Event) -> CustomerUses:
    """The count after `event`."""
    match event:
        case OfferUsedByCustomer():
            step = 1
        case OfferUseReturned():
            step = -1
        case _:
            return state
    by_year = state.by_year
    if event.year and (step > 0 or event.year in by_year):
        by_year = {**by_year, event.year: by_year.get(event.year, 0) + step}
    return CustomerUses(uses=state.uses + step, by_year=by_year)


OFFERS = StreamKind("offers", Book(), evolve, snapshot_every=SNAPSHOT_EVERY)
DRAWN = StreamKind("offer", Drawn(), evolve_drawn, snapshot_every=SNAPSHOT_EVERY)
CUSTOMER_USES = StreamKind("offeruse", CustomerUses(), evolve_customer_uses)


class TooManyOffers(Refusal):
    """The book is full."""

    code = "too_many_offers"


def customer_uses_id(offer_id: str, customer_id: str) -> str:
    """The stream of one customer's uses of one offer: `autumn/c-17`."""
    return f"{offer_id}/{customer_id}"


def counted(book: Book, person: Collection[str], *, birthday: bool) -> Iterable[str]:
    """The streams that count what is limited in the book, for a sale to somebody known under these ids."""
    for offer_id in book.limited:
        offer = book.offers[offer_id]
        if offer.is_counted:
            yield DRAWN.stream(offer.offer_id)
        # Of a birthday's offers nothing need be known on other days.
        if person and offer.is_by_customer and (birthday or not offer.conditions.birthday):
            for customer_id in person:
                yield CUSTOMER_USES.stream(customer_uses_id(offer.offer_id, customer_id))


def used(states: States, book: Book, person: Collection[str], year: int) -> Mapping[str, Used]:
    """How much of the limited offers is gone, this year too. Needs the streams that `counted` names."""
    gone: dict[str, Used] = {}
    for offer_id in book.limited:
        offer = book.offers[offer_id]
        drawn, uses, this_year = Drawn(), 0, 0
        if offer.is_counted:
            drawn = states.of(DRAWN, offer_id)
        if offer.is_by_customer:
            for customer_id in person:
                id_ = customer_uses_id(offer_id, customer_id)
                if CUSTOMER_USES.stream(id_) in states:
                    by_record = states.of(CUSTOMER_USES, id_)
                    uses += by_record.uses
                    this_year += by_record.by_year.get(year, 0)
        if drawn.uses or uses:
            gone[offer_id] = Used(
                uses=drawn.uses,
                customer_uses=uses,
                customer_uses_this_year=this_year,
                given_minor=drawn.given_minor,
            )
    return gone


def drawing(grant: Grant, sale_id: str, customer_id: str | None, year: int) -> Iterable[tuple[str, Event]]:
    """The facts for the streams that count this grant's limits."""
    offer = grant.offer
    if offer.is_counted:
        yield (
            DRAWN.stream(offer.offer_id),
            OfferDrawn(
                offer_id=offer.offer_id,
                version=offer.version,
                sale_id=sale_id,
                customer_id=customer_id,
                amount_minor=grant.amount_minor,
            ),
        )
    if customer_id is not None and offer.is_by_customer:
        yield (
            CUSTOMER_USES.stream(customer_uses_id(offer.offer_id, customer_id)),
            OfferUsedByCustomer(
                offer_id=offer.offer_id,
                customer_id=customer_id,
                sale_id=sale_id,
                year=0 if offer.uses_a_year is None else year,
            ),
        )


def require_offer(book: Book, offer_id: str) -> Offer:
    """The offer as it applies now, or NotFound."""
    if (offer := book.offers.get(offer_id)) is None:
        raise offer_unknown(offer_id)
    return offer


def offer_unknown(offer_id: str) -> NotFound:
    """The refusal of an id that the book does not have."""
    return NotFound(f"There is no offer {offer_id!r} in the book.", kind="offer", id=offer_id)


class OfferVersion(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a change of the book: which version is the last now."""

    offer_id: str
    version: int


class PublishOffer(Command, frozen=True, kw_only=True):
    """Puts an offer into the book, or its next version in place of the last. The version given is not read.

    With `expected` only on that version; 0 is an id that was never used.
    """

    RESULT: ClassVar = OfferVersion

    offer: Offer
    expected: int | None = None

    def streams(self) -> tuple[str, ...]:
        return (OFFERS.stream(BOOK),)

    def decide(self, states: States, at: Moment) -> Decision:
        book = states.of(OFFERS, BOOK)
        offer_id = self.offer.offer_id
        last = book.versions.get(offer_id, 0)
        if self.expected and not last:
            raise offer_unknown(offer_id)
        if self.expected == 0 and last:
            raise AlreadyExists("The id is taken. Change that offer or choose another id.", id=offer_id)
        require_version(last, self.expected)
        check_offer(self.offer)
        if offer_id not in book.offers and len(book.offers) >= MAX_OFFERS:
            raise TooManyOffers(f"The book has {MAX_OFFERS} offers. End one first.", limit=MAX_OFFERS)
        published = OfferPublished(offer=msgspec.structs.replace(self.offer, version=last + 1))
        same = book.offers.get(offer_id) == msgspec.structs.replace(self.offer, version=last)
        events = () if same else ((OFFERS.stream(BOOK), published),)
        version = last if same else last + 1
        return Decision(events=events, result=OfferVersion(offer_id=offer_id, version=version))


class EndOffer(Command, frozen=True, kw_only=True):
    """Takes an offer out of the book. Its id can be published again, with the next version."""

    RESULT: ClassVar = OfferVersion

    offer_id: str
    expected: int | None = None

    def streams(self) -> tuple[str, ...]:
        return (OFFERS.stream(BOOK),)

    def decide(self, states: States, at: Moment) -> Decision:
        offer = require_offer(states.of(OFFERS, BOOK), self.offer_id)
        require_version(offer.version, self.expected)
        ended = OfferEnded(offer_id=self.offer_id, version=offer.version)
        answer = OfferVersion(offer_id=self.offer_id, version=offer.version)
        return Decision(events=((OFFERS.stream(BOOK), ended),), result=answer)
