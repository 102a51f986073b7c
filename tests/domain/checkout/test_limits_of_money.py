"""What is taken out of a drawer, loaded onto a card or given as credit has a limit.

What could be had in small parts counts together, and more takes a second person.
"""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from domain.access.approval import (
    GOOD_FOR,
    ApprovalGranted,
    ApprovalRequired,
    ApprovalSpent,
    ApprovalUnfit,
    ApprovalUsed,
    Authority,
)
from domain.access.limits import Limits, Operation
from domain.checkout.grant_credit import GrantCredit
from domain.checkout.load_card import LoadCard
from domain.checkout.shifts import CloseShift, CountDrawer, MoveCash, OpenShift
from domain.kernel.allowance import Allowance
from domain.kernel.command import Command
from domain.stored_value.value import CreditGranted, GiftCardLoaded
from domain.tills.shift import CashMove, CashMoved, MethodSum
from tests.support.commands import make_cards
from tests.support.decisions import NOON, Given, at, given
from tests.support.facts import a_customer, a_store, card

ANN = Authority(
    person="person:ann",
    limits=Limits(
        pay_out_minor={"CNY": 1000},
        drop_minor={"CNY": 5000},
        card_load_minor={"CNY": 2000},
        credit_minor={"CNY": 500},
    ),
)
WITH_A1 = msgspec.structs.replace(ANN, approval_id="a1")
OPEN = OpenShift(store_id="s1", register_id="till-1", float_minor=20_000)
COUNT = CountDrawer(
    store_id="s1", register_id="till-1", counted=(MethodSum(method="cash", amount_minor=20_000),)
)


def move(kind: CashMove, amount_minor: int, authority: Authority | None = ANN) -> MoveCash:
    return MoveCash(
        store_id="s1",
        register_id="till-1",
        kind=kind,
        amount_minor=amount_minor,
        reason="safe",
        authority=authority,
    )


def pay_out(amount_minor: int, authority: Authority | None = ANN) -> MoveCash:
    return move(CashMove.PAY_OUT, amount_minor, authority)


def drop(amount_minor: int, authority: Authority | None = ANN) -> MoveCash:
    return move(CashMove.DROP, amount_minor, authority)


def load(amount_minor: int, authority: Authority | None = ANN) -> LoadCard:
    return LoadCard(
        card_id="g1",
        store_id="s1",
        register_id="till-1",
        amount_minor=amount_minor,
        tenders=(card(amount_minor),),
        authority=authority,
    )


def grant(amount_minor: int, authority: Authority | None = ANN) -> GrantCredit:
    return GrantCredit(
        customer_id="c1", currency="CNY", amount_minor=amount_minor, reason="delay", authority=authority
    )


def shop(*before: Command) -> Given:
    return given(a_store(), a_customer()).after(OPEN, make_cards("g1"), *before)


def approved(operation: Operation, target: str, up_to: int, store_id: str = "s1") -> Given:
    """A shop where Bob has approved it."""
    event = ApprovalGranted(
        approval_id="a1",
        operation=operation,
        store_id=store_id,
        target=target,
        up_to=up_to,
        currency="CNY",
        approved_by="person:bob",
        expires_at=NOON + GOOD_FOR,
    )
    facts = (a_store(), a_customer(), ("approval-a1", event))
    return given(*facts).after(OPEN, make_cards("g1"))


AT_THE_LIMIT: list[tuple[Command, type, int]] = [
    (pay_out(1000), CashMoved, 1000),
    (drop(5000), CashMoved, 5000),
    (load(2000), GiftCardLoaded, 2000),
    (grant(500), CreditGranted, 500),
]


@pytest.mark.parametrize(("command", "event", "limit"), AT_THE_LIMIT)
def test_up_to_the_limit_it_is_done_alone_and_the_event_says_by_what_right(
    command: Command, event: type[Any], limit: int
) -> None:
    told = shop().when(command).only(event)
    assert told.allowance == Allowance(limit=limit, needed=limit)


@pytest.mark.parametrize(
    ("before", "command", "operation", "limit"),
    [
        (pay_out(600), pay_out(401), Operation.PAY_OUT, 1000),
        (drop(3000), drop(2001), Operation.DROP, 5000),
        (load(1500), load(501), Operation.CARD_LOAD, 2000),
        (grant(300), grant(201), Operation.CREDIT, 500),
    ],
    ids=lambda value: value.value if isinstance(value, Operation) else "",
)
def test_small_parts_count_together(
    before: Command, command: Command, operation: Operation, limit: int
) -> None:
    shop(before).when(command).refused(
        ApprovalRequired, operation=operation.value, limit=limit, needed=limit + 1
    )


def test_pay_outs_and_drops_count_apart() -> None:
    shop(drop(5000)).when(pay_out(1000)).only(CashMoved)


def test_what_is_put_into_the_drawer_has_no_limit() -> None:
    assert shop().when(move(CashMove.PAY_IN, 10**6)).only(CashMoved).allowance is None


@pytest.mark.parametrize("command", [make(10**6, None) for make in (pay_out, drop, load, grant)])
def test_who_has_no_limit_is_not_asked(command: Command) -> None:
    decision = shop().when(command).decision
    assert all(getattr(event, "allowance", None) is None for _, event in decision.events)


@pytest.mark.parametrize(
    ("operation", "target", "store_id", "command", "document"),
    [
        (Operation.PAY_OUT, "till-1", "s1", pay_out(3000, WITH_A1), "till-s1/till-1"),
        (Operation.DROP, "till-1", "s1", drop(8000, WITH_A1), "till-s1/till-1"),
        (Operation.CARD_LOAD, "g1", "s1", load(3000, WITH_A1), "giftcard-g1"),
        (Operation.CREDIT, "c1", "*", grant(3000, WITH_A1), "credit-c1"),
    ],
    ids=lambda value: value.value if isinstance(value, Operation) else "",
)
def test_a_second_person_allows_more_once(
    operation: Operation, target: str, store_id: str, command: Any, document: str
) -> None:
    needed = command.amount_minor
    used = approved(operation, target, needed, store_id).when(command).only(ApprovalUsed)
    assert used == ApprovalUsed(approval_id="a1", used_by="person:ann", document=document, needed=needed)
    again = approved(operation, target, 10 * needed, store_id).after(command)
    again.when(command).refused(ApprovalSpent)


@pytest.mark.parametrize(
    ("operation", "target", "command"),
    [
        (Operation.DROP, "till-1", pay_out(3000, WITH_A1)),
        (Operation.PAY_OUT, "till-2", pay_out(3000, WITH_A1)),
        (Operation.CARD_LOAD, "g2", load(3000, WITH_A1)),
        (Operation.CREDIT, "c1", grant(3000, WITH_A1)),
    ],
    ids=["another kind", "another till", "another card", "a store's"],
)
def test_an_approval_is_for_nothing_else(operation: Operation, target: str, command: Command) -> None:
    approved(operation, target, 3000).when(command).refused(ApprovalUnfit)


def test_what_comes_for_a_closed_shift_takes_a_second_person_however_little_it_is() -> None:
    """Its sums are not known any more, so small parts could not be added up."""
    evening = CloseShift(store_id="s1", register_id="till-1")
    closed = shop(COUNT, evening)
    closed.when(pay_out(1), at(NOON, NOON + timedelta(hours=1))).refused(ApprovalRequired, limit=0, needed=1)
    assert closed.when(pay_out(1, None), at(NOON, NOON + timedelta(hours=1))).only(CashMoved).shift == 1
