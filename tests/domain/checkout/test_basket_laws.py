"""Random baskets under random offers, by the ten thousand: what holds for every one of them.

`make test` tries 1,000 baskets of each seed and `make laws` 10,000 of each: a hundred thousand together.
"""

import os
import random
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
import pytest

from domain.book import EVENTS
from domain.catalog.price_list import NewPrice, PriceList, PublishPriceList, SetPrices
from domain.checkout.check_out import CheckOut
from domain.checkout.line_prices import BasketLine
from domain.checkout.take_back import ReturnLine, TakeBack
from domain.kernel.command import Command, Decision
from domain.kernel.stream import States, Versioned
from domain.loyalty.points import LOYALTY
from domain.loyalty.programme import Programme, SetProgramme
from domain.promotions.book import PublishOffer
from domain.promotions.offer import (
    AmountOff,
    Base,
    Benefit,
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
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import SaleCompleted
from domain.sales.tendering import TendersDoNotAddUp, paid_by_tender
from domain.stores.store import TaxRounding
from tests.support.decisions import KINDS, NOON, Fact, Shop, at
from tests.support.facts import REGISTER_ID, a_customer, a_store, by_gram, by_piece, cash

SEEDS = range(10)
BASKETS = int(os.environ.get("DAYBOOK_TEST_BASKETS", "1000"))
BOOKS = 25
"""Different sets of offers for each seed."""

PIECES = tuple(f"p{number}" for number in range(6))
GRAMS = tuple(f"g{number}" for number in range(3))
BY_TYPE = {event.TYPE: event for event in EVENTS}
MOMENT = at(NOON)
Known = Mapping[str, Versioned]


def current(known: Known, stream: str) -> Versioned:
    return known.get(stream) or Versioned(KINDS[stream.partition("-")[0]].initial, 0)


def decide(command: Command, known: Known) -> Decision:
    """The decision on what the streams hold; not one of them is refused."""
    declared = {stream: current(known, stream) for stream in command.streams()}
    while new := [stream for stream in command.linked(States(declared)) if stream not in declared]:
        declared |= {stream: current(known, stream) for stream in new}
    return command.decide(States(declared), MOMENT)


def record(known: dict[str, Versioned], decision: Decision) -> None:
    for stream, event in decision.events:
        before = current(known, stream)
        evolve = KINDS[stream.partition("-")[0]].evolve
        known[stream] = Versioned(evolve(before.state, event), before.version + 1)


# --- what the shop is -------------------------------------------------------------------------------


def some_benefit(draw: random.Random) -> tuple[Benefit, Phase]:
    line, order = Phase.LINE, Phase.ORDER
    some = draw.randrange(1, 900)
    parts = tuple(Part(skus=(sku,), quantity=1) for sku in draw.sample(PIECES, 2))
    buy_get = BuyGet(buy=draw.randrange(1, 4), get=draw.randrange(1, 3), rate_bp=draw.choice([5_000, 10_000]))
    steps = (Step(from_minor=500, off_minor=70), Step(from_minor=2_000, off_minor=400))
    return draw.choice(
        [
            (PercentOff(rate_bp=draw.randrange(1, 10_001)), draw.choice([line, order])),
            (AmountOff(amount_minor=some), draw.choice([line, order])),
            (FixedPrice(price_minor=some), line),
            (buy_get, line),
            (Bundle(parts=parts, price_minor=some), line),
            (Gift(sku=draw.choice(PIECES)), line),
            (SpendAndSave(steps=steps), order),
            (SpendAndSave(steps=steps[:1], repeat=True), order),
        ]
    )


def some_offer(draw: random.Random, offer_id: str) -> Offer:
    benefit, phase = some_benefit(draw)
    return Offer(
        offer_id=offer_id,
        version=0,
        name=offer_id,
        currency="CNY",
        phase=phase,
        priority=draw.randrange(3),
        benefit=benefit,
        base=draw.choice(list(Base)),
        target=draw.choice([Target(), Target(skus=tuple(draw.sample(PIECES + GRAMS, 4)))]),
        conditions=draw.choice(
            [Conditions(), Conditions(minimum_minor=draw.randrange(3_000)), Conditions(minimum_quantity=3)]
        ),
        limits=draw.choice([Limits(), Limits(cap_minor=draw.randrange(1, 600)), Limits(uses=1)]),
        group=draw.choice([None, None, "a", "b"]),
        on_return=draw.choice([OnReturn.KEEP, OnReturn.KEEP, OnReturn.REPRICE]),
    )


def a_shop(draw: random.Random) -> list[Fact]:
    """What happened before the first sale: a store, products, prices, offers, a programme, a customer."""
    shop = Shop(
        a_store(prices_include_tax=draw.random() < 0.6, tax_rounding=draw.choice(list(TaxRounding))),
        a_customer(),
        *(by_piece(sku, draw.randrange(1, 2_500), tax_rate_bp=draw.choice([0, 900, 2200])) for sku in PIECES),
        *(by_gram(sku, draw.randrange(100, 9_000), tax_rate_bp=draw.choice([0, 900])) for sku in GRAMS),
    )
    listed = tuple(NewPrice(sku=sku, price_minor=draw.randrange(1, 2_000)) for sku in draw.sample(PIECES, 2))
    commands: list[Command] = [
        PublishPriceList(price_list=PriceList(list_id="l", version=0, name="L", currency="CNY")),
        SetPrices(list_id="l", prices=listed),
        SetProgramme(
            programme=Programme(currency="CNY", earn_points=1, earn_minor=30, redeem_points=1, redeem_minor=1)
        ),
        *(PublishOffer(offer=some_offer(draw, f"o{number}")) for number in range(draw.randrange(6))),
    ]
    for command in commands:
        assert isinstance(shop.do(command), Decision)
    return shop.facts


def folded(facts: list[Fact]) -> Known:
    known: dict[str, Versioned] = {}
    record(known, Decision(events=tuple(facts), result=msgspec.defstruct("Nothing", [])()))
    return known


def read_back(facts: list[Fact]) -> list[Fact]:
    """The same facts as the journal would give them: from their stored bytes."""
    return [
        (stream, msgspec.json.decode(msgspec.json.encode(event), type=BY_TYPE[event.TYPE]))
        for stream, event in facts
    ]


@lru_cache(maxsize=1)
def shops(seed: int) -> list[tuple[Known, Known]]:
    """For each book of offers the shop as it is, and as a replay of what is stored makes it."""
    draw = random.Random(seed)
    facts = [a_shop(draw) for _ in range(BOOKS)]
    return [(folded(one), folded(read_back(one))) for one in facts]


def a_basket(draw: random.Random) -> CheckOut:
    lines: list[BasketLine] = []
    for _ in range(draw.choice([1, 1, 2, 2, 3, 5])):
        if draw.random() < 0.3:
            lines.append(BasketLine(sku=draw.choice(GRAMS), quantity=draw.randrange(1, 1_500)))
        else:
            lines.append(BasketLine(sku=draw.choice(PIECES), quantity=draw.randrange(1, 6)))
    return CheckOut(
        sale_id="x1",
        store_id="s1",
        register_id=REGISTER_ID,
        customer_id=draw.choice([None, "c1"]),
        lines=tuple(lines),
        tenders=(cash(10_000_000),),
    )


# --- what holds -------------------------------------------------------------------------------------


def check_sale(sale: SaleCompleted) -> None:
    """The shares are the discounts, what is left is what is paid, and nothing is below zero."""
    shares: Counter[int] = Counter()
    for discount in sale.discounts:
        assert discount.amount_minor == sum(share.amount_minor for share in discount.shares)
        for share in discount.shares:
            assert share.amount_minor > 0
            shares[share.line] += share.amount_minor
    for line in sale.lines:
        assert line.net_minor == line.amount_minor - shares[line.line] >= 0
        assert line.tax_minor >= 0
    on_top = 0 if sale.tax_policy.inclusive else sum(line.tax_minor for line in sale.lines)
    assert sale.total_minor == sum(line.net_minor for line in sale.lines) + on_top
    assert sum(paid_by_tender(sale)) == sale.total_minor


def take_all_back(draw: random.Random, known: dict[str, Versioned], sale: SaleCompleted) -> list[int]:
    """Returns lines and parts of lines in any order, until nothing is left; what each paid back."""
    left: dict[int, int] = {line.line: line.quantity for line in sale.lines}
    refunds: list[int] = []
    while left:
        parts: list[ReturnLine] = []
        for number in draw.sample(sorted(left), draw.randrange(1, len(left) + 1)):
            quantity = left[number] if draw.random() < 0.6 else draw.randrange(1, left[number] + 1)
            parts.append(ReturnLine(line=number, quantity=quantity))
            left[number] -= quantity
        for part in parts:
            if not left[part.line]:
                del left[part.line]
        command = TakeBack(
            return_id=f"r{len(refunds)}", sale_id="x1", register_id=REGISTER_ID, lines=tuple(parts)
        )
        decision = decide(command, known)
        record(known, decision)
        refunds += [event.total_minor for _, event in decision.events if isinstance(event, ReturnRecorded)]
    return refunds


def points_of(known: Known) -> tuple[int, int]:
    account: Any = current(known, LOYALTY.stream("c1")).state
    return account.spendable(NOON), account.owed


@pytest.mark.parametrize("seed", SEEDS)
def test_every_basket_adds_up_and_comes_back_whole(seed: int) -> None:
    draw = random.Random(1_000 + seed)
    for _ in range(BASKETS):
        before, replayed = draw.choice(shops(seed))
        command = a_basket(draw)
        try:
            decision = decide(command, before)
        except TendersDoNotAddUp as refused:
            if refused.facts["due"]:
                raise
            # Nothing is due, and change is given only from cash that is needed.
            command = msgspec.structs.replace(command, tenders=())
            decision = decide(command, before)
        sale = decision.events[0][1]
        assert isinstance(sale, SaleCompleted)
        check_sale(sale)
        assert decide(command, replayed).events[0][1] == sale
        known = dict(before)
        record(known, decision)
        refunds = take_all_back(draw, known, sale)
        assert min(refunds) >= 0
        assert sum(refunds) == sale.total_minor
        assert points_of(known) == (0, 0)
