"""The daily watch: what passed its sell-by is told once, and lots go down their ladder a step at a time."""

from datetime import date, timedelta

import pytest

from domain.access.approval import ApprovalRequired, Authority
from domain.access.limits import Limits
from domain.catalog.markdown import MARKDOWN, MAX_LABELS, MarkdownEnded, MarkdownMade
from domain.checkout.line_prices import BasketLine
from domain.checkout.mark_down import EndMarkdown
from domain.checkout.markdown_proposals import (
    AcceptMarkdown,
    ProposalLapsed,
    ProposalSettled,
    RejectMarkdown,
)
from domain.checkout.watch_lots import EndWatch, Watched, WatchItem
from domain.freshness.item import MarkdownProposed, ProposalAccepted, ProposalRejected, proposal_label
from domain.freshness.ladder import SetMarkdownLadder, Step
from domain.freshness.watch import LotsWatched
from domain.inventory.lots import KEPT_EMPTY, LotExpired
from domain.inventory.stock_item import STOCK_ITEM, StockMoved, expired
from domain.kernel.command import Moment
from domain.kernel.errors import InvalidCommand, NotFound
from domain.kernel.money import Money
from domain.sales.sale import SaleCompleted
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from tests.support.decisions import NOON, Given, at, given
from tests.support.facts import a_store, by_gram, by_piece, cash, check_out

TODAY = NOON.date()
ASKED = (Step(days_left=2, off_bp=2_000), Step(days_left=1, off_bp=5_000))
AT_ONCE = (Step(days_left=2, off_bp=2_000, automatic=True), Step(days_left=1, off_bp=5_000, automatic=True))
WATCH = WatchItem(store_id="s1", sku="yoghurt")
ACCEPT = AcceptMarkdown(store_id="s1", sku="yoghurt", number=1)
FIRST, SECOND = proposal_label("s1", "yoghurt", 1), proposal_label("s1", "yoghurt", 2)


def after_days(days: int) -> Moment:
    return at(NOON + timedelta(days=days))


def received(
    quantity: int, lot: str, days: int | None, sku: str = "yoghurt", kind: MoveKind = MoveKind.RECEIPT
) -> MoveStock:
    """Goods at 1.00 that may be sold for so many days more."""
    sell_by = None if days is None else TODAY + timedelta(days=days)
    cost = Money(amount=100, currency="CNY") if kind is MoveKind.RECEIPT else None
    reason = "spoiled" if kind is MoveKind.WASTE else None
    line = MoveLine(sku=sku, quantity=quantity, lot=lot, sell_by=sell_by, unit_cost=cost, reason=reason)
    return MoveStock(store_id="s1", kind=kind, lines=(line,))


def shop(*steps: Step, lots: tuple[tuple[str, int | None], ...] = (("A", 2),)) -> Given:
    """A dairy with five yoghurts at 3.00 of each lot."""
    facts = (a_store(), by_piece("yoghurt", 300), by_gram("cheese", 4_000))
    ladder = SetMarkdownLadder(ladder="all", steps=steps)
    return given(*facts).after(*(received(5, lot, days) for lot, days in lots), ladder)


# --- what has expired -------------------------------------------------------------------------------


def test_what_passed_its_sell_by_is_told_with_what_is_left_and_what_that_is_worth() -> None:
    held = MoveLine(sku="yoghurt", quantity=2, lot="A", reason="recalled")
    quarantined = MoveStock(store_id="s1", kind=MoveKind.QUARANTINE, lines=(held,))

    told = shop(lots=(("A", -1), ("B", 9))).after(quarantined).when(WATCH).only(LotExpired)

    assert (told.lot, told.sell_by, told.day) == ("A", TODAY - timedelta(days=1), TODAY)
    assert (told.quantity, told.held, told.value_minor) == (3, 2, 500)


def test_a_lot_may_be_sold_on_its_sell_by_and_has_expired_the_day_after() -> None:
    on_the_day = shop(lots=(("A", 0),))

    assert on_the_day.when(WATCH).all(LotExpired) == []
    assert on_the_day.when(WATCH, after_days(1)).only(LotExpired).lot == "A"


def test_it_is_told_once_however_often_somebody_looks_and_whatever_comes_back_of_it() -> None:
    told = shop(lots=(("A", -1),)).after(WATCH, received(1, "A", None, kind=MoveKind.ADJUSTMENT))

    told.when(WATCH).then_events()


def test_no_goods_move_and_what_has_expired_is_not_there_to_be_sold() -> None:
    done = shop(lots=(("A", -1), ("B", 9)))
    assert done.when(WATCH).all(StockMoved) == []

    item = done.after(WATCH).state(STOCK_ITEM, "s1/yoghurt")

    assert (item.on_hand, expired(item, TODAY)) == (10, 5)


def test_of_a_lot_that_was_sold_out_nobody_is_told() -> None:
    wasted = received(5, "A", None, kind=MoveKind.WASTE)
    shop(lots=(("A", -1),)).after(wasted).when(WATCH).then_events()


def test_the_day_turns_when_the_stores_day_does() -> None:
    """It begins at 04:00 in New York: at 03:59 of the 4th it is still the 3rd there, at 08:59 in UTC."""
    store = a_store(time_zone="America/New_York", day_starts_at_min=240)
    sold_until = MoveLine(
        sku="yoghurt",
        quantity=5,
        lot="A",
        sell_by=date(2026, 3, 3),
        unit_cost=Money(amount=1, currency="CNY"),
    )
    receipt = MoveStock(store_id="s1", kind=MoveKind.RECEIPT, lines=(sold_until,))
    there = given(store, by_piece("yoghurt", 300)).after(receipt)
    four = NOON.replace(day=4, hour=9, minute=0)

    assert there.when(WATCH, at(four - timedelta(minutes=1))).all(LotExpired) == []
    assert there.when(WATCH, at(four)).only(LotExpired).day == date(2026, 3, 4)


def test_a_till_whose_clock_is_ahead_lets_nothing_expire() -> None:
    shop(lots=(("A", 0),)).when(WATCH, at(NOON + timedelta(days=3), NOON)).then_events()


def test_a_day_is_told_once_and_never_one_before_it() -> None:
    watched = shop().after(EndWatch(store_id="s1", day=TODAY))

    watched.when(EndWatch(store_id="s1", day=TODAY)).then_events()
    watched.when(EndWatch(store_id="s1", day=TODAY - timedelta(days=1))).then_events()
    tomorrow = TODAY + timedelta(days=1)
    assert watched.when(EndWatch(store_id="s1", day=tomorrow)).only(LotsWatched).day == tomorrow


# --- ladders ----------------------------------------------------------------------------------------


def test_at_two_days_a_lot_should_cost_a_fifth_less_and_at_one_day_half() -> None:
    first = shop(*ASKED).when(WATCH).only(MarkdownProposed)
    second = shop(*ASKED).after(WATCH).when(WATCH, after_days(1)).only(MarkdownProposed)

    assert (first.number, first.days_left, first.off_bp, first.replaces) == (1, 2, 2_000, None)
    assert (second.number, second.days_left, second.off_bp, second.replaces) == (2, 1, 5_000, 1)


def test_what_keeps_longer_or_for_ever_is_left_alone() -> None:
    shop(*ASKED, lots=(("A", 3), ("B", None))).when(WATCH).then_events()


def test_the_same_day_again_nothing_is_proposed() -> None:
    shop(*ASKED).after(WATCH).when(WATCH).then_events()


def test_days_on_which_nobody_looked_are_skipped() -> None:
    """Two days were missed: the lot is at its last step, and was never at the first."""
    proposed = shop(*ASKED, lots=(("A", 3), ("B", 2))).when(WATCH, after_days(3))

    assert [(one.lot, one.days_left, one.off_bp) for one in proposed.all(MarkdownProposed)] == [
        ("A", 0, 5_000)
    ]
    assert proposed.only(LotExpired).lot == "B"


def test_where_the_ladder_says_so_labels_are_made_for_all_that_is_there() -> None:
    done = shop(*AT_ONCE).when(WATCH)

    made = done.only(MarkdownMade)
    assert (made.label, made.lot, made.labels, made.off_bp) == (FIRST, "A", 5, 2_000)
    assert made.until == NOON.replace(day=4, hour=16)
    assert done.only(ProposalAccepted).automatic
    assert done.answer == Watched(marked_down=1)


def test_the_second_step_takes_the_place_of_the_first() -> None:
    done = shop(*AT_ONCE).after(WATCH).when(WATCH, after_days(1))

    assert done.only(MarkdownEnded).label == FIRST
    assert (done.only(MarkdownMade).label, done.only(MarkdownMade).off_bp) == (SECOND, 5_000)


def test_a_label_that_somebody_ended_is_not_ended_again() -> None:
    ended = shop(*AT_ONCE).after(WATCH, EndMarkdown(store_id="s1", label=FIRST))
    assert ended.when(WATCH, after_days(1)).all(MarkdownEnded) == []


def test_by_its_label_the_lot_costs_half_of_the_list_and_fresh_goods_keep_their_price() -> None:
    """Half of 3.00, and not half of what the first step left."""
    stepped = shop(*AT_ONCE, lots=(("A", 1), ("B", 9))).after(WATCH)
    lines = (BasketLine(sku="yoghurt", quantity=1, label=FIRST), BasketLine(sku="yoghurt", quantity=1))

    sale = stepped.when(check_out(*lines, tenders=(cash(1_000),))).only(SaleCompleted)

    assert [line.net_minor for line in sale.lines] == [150, 300]


def test_goods_by_weight_wait_for_somebody_who_knows_how_many_packs_there_are() -> None:
    cheese = shop(*AT_ONCE).after(
        received(2_500, "C", 1, sku="cheese"), WatchItem(store_id="s1", sku="cheese")
    )

    cheese.when(AcceptMarkdown(store_id="s1", sku="cheese", number=1)).refused(InvalidCommand, sku="cheese")
    accept = AcceptMarkdown(store_id="s1", sku="cheese", number=1, labels=8)
    assert cheese.when(accept).only(MarkdownMade).labels == 8


def test_a_lot_in_quarantine_is_not_marked_down() -> None:
    line = MoveLine(sku="yoghurt", quantity=5, lot="A", reason="recalled")
    held = MoveStock(store_id="s1", kind=MoveKind.QUARANTINE, lines=(line,))
    shop(*AT_ONCE).after(held).when(WATCH).then_events()


def test_there_are_no_more_labels_than_a_markdown_may_have() -> None:
    many = shop(*AT_ONCE, lots=()).after(received(MAX_LABELS + 1, "A", 1))
    assert many.when(WATCH).only(MarkdownMade).labels == MAX_LABELS


def test_a_lot_that_bears_the_name_of_one_long_gone_has_steps_of_its_own() -> None:
    """The item has forgotten the first: it was sold out, and so were as many since as are remembered."""
    gone = shop(*ASKED).after(WATCH, received(5, "A", None, kind=MoveKind.WASTE))
    for number in range(KEPT_EMPTY):
        lot = f"l{number}"
        gone = gone.after(received(1, lot, 20), received(1, lot, None, kind=MoveKind.WASTE))
    anew = gone.after(received(1, "last", 20), received(5, "A", 12))

    proposed = anew.when(WATCH, after_days(10)).only(MarkdownProposed)

    assert (proposed.lot, proposed.days_left, proposed.off_bp, proposed.replaces) == ("A", 2, 2_000, 1)


# --- deciding ---------------------------------------------------------------------------------------


def test_an_accepted_proposal_is_a_markdown() -> None:
    done = shop(*ASKED).after(WATCH).when(ACCEPT)

    assert (done.only(MarkdownMade).label, done.only(MarkdownMade).labels) == (FIRST, 5)
    assert not done.only(ProposalAccepted).automatic


def test_labels_may_have_a_code_of_the_trade_and_be_fewer() -> None:
    accept = AcceptMarkdown(store_id="s1", sku="yoghurt", number=1, code="4006381333931", labels=2)
    waits = shop(*ASKED).after(WATCH)

    made = waits.when(accept).only(MarkdownMade)

    assert (made.label, made.labels) == ("04006381333931", 2)


def test_a_waiting_step_leaves_the_label_that_the_lot_has_until_somebody_accepts_it() -> None:
    further = SetMarkdownLadder(ladder="all", steps=(Step(days_left=2, off_bp=4_000),))
    waits = shop(*ASKED).after(WATCH, ACCEPT, further, WATCH)
    assert not waits.state(MARKDOWN, FIRST).ended

    accepted = waits.when(AcceptMarkdown(store_id="s1", sku="yoghurt", number=2))

    assert (accepted.only(MarkdownEnded).label, accepted.only(MarkdownMade).label) == (FIRST, SECOND)


def test_a_step_that_somebody_rejected_is_not_proposed_again_but_the_next_one_is() -> None:
    reject = RejectMarkdown(store_id="s1", sku="yoghurt", number=1, reason="sells anyway")
    waits = shop(*ASKED).after(WATCH)
    assert waits.when(reject).only(ProposalRejected).reason == "sells anyway"
    rejected = waits.after(reject)

    rejected.when(WATCH).then_events()
    assert rejected.when(WATCH, after_days(1)).only(MarkdownProposed).off_bp == 5_000


@pytest.mark.parametrize(
    "decision",
    [
        ACCEPT,
        RejectMarkdown(store_id="s1", sku="yoghurt", number=1, reason="late"),
    ],
)
def test_a_proposal_is_decided_on_once(decision: AcceptMarkdown | RejectMarkdown) -> None:
    accepted = shop(*ASKED).after(WATCH, ACCEPT)
    accepted.when(decision).refused(ProposalSettled, sku="yoghurt", number=1)


def test_what_was_never_proposed_is_not_found() -> None:
    shop(*ASKED).when(ACCEPT).refused(NotFound)


def test_nothing_is_marked_down_that_has_expired_or_is_gone() -> None:
    waits = shop(*ASKED).after(WATCH)

    waits.when(ACCEPT, after_days(3)).refused(ProposalLapsed, lot="A")
    gone = received(5, "A", None, kind=MoveKind.WASTE)
    waits.after(gone).when(ACCEPT).refused(ProposalLapsed, lot="A")


def test_who_accepts_needs_the_discount_within_their_limit() -> None:
    clerk = Authority(person="person:u1", limits=Limits(discount_bp=1_000))
    accept = AcceptMarkdown(store_id="s1", sku="yoghurt", number=1, authority=clerk)
    shop(*ASKED).after(WATCH).when(accept).refused(ApprovalRequired)
