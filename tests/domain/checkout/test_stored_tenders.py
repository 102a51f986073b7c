"""Gift cards and store credit at the till: loaded, spent, put back, expired, blocked; nothing is lost."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from domain.checkout.check_out import CheckOut
from domain.checkout.grant_credit import MAX_CREDITS_LEFT, GrantCredit
from domain.checkout.load_card import LoadAnswer, LoadCard
from domain.checkout.stored_tenders import CreditNeedsCustomer
from domain.kernel.errors import AlreadyExists, CurrencyMismatch, InvalidCommand, NotFound, Refusal
from domain.kernel.stored_value import StoredPayment, ValueLot
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import GIFT_CARD_TENDER, POINTS, STORE_CREDIT, SaleCompleted, Tender
from domain.sales.tendering import TendersDoNotAddUp
from domain.stored_value.cards import (
    BlockCard,
    CardUnknown,
    ExpireValue,
    MakeCards,
    NewCard,
)
from domain.stored_value.value import (
    CREDIT,
    GIFT_CARD,
    Account,
    CardBlocked,
    GiftCardBlocked,
    GiftCardLoaded,
    GiftCardUnblocked,
    StoredValueShort,
    ValueExpired,
    ValueRefunded,
    ValueSpent,
)
from domain.tills.till import TILL, ReceiptIssued
from tests.domain.checkout.test_shifts import open_shift
from tests.support.decisions import NOON, Shop, at
from tests.support.facts import (
    REGISTER_ID,
    STORE_ID,
    a_customer,
    a_store,
    by_piece,
    card,
    cash,
    check_out,
    sealed,
    take_back,
)
from tests.support.laws import a_law

YEAR = timedelta(days=365)


def from_card(amount_minor: int, card_id: str = "g1") -> Tender:
    return Tender(method=GIFT_CARD_TENDER, amount_minor=amount_minor, reference=card_id)


def from_credit(amount_minor: int) -> Tender:
    return Tender(method=STORE_CREDIT, amount_minor=amount_minor)


def make(*card_ids: str, valid_days: int | None = None, currency: str = "CNY") -> MakeCards:
    cards = tuple(NewCard(card_id=id_, code=sealed("code", "giftcards")) for id_ in card_ids)
    return MakeCards(cards=cards, currency=currency, valid_days=valid_days)


def load(amount_minor: int, *tenders: Tender, card_id: str = "g1") -> LoadCard:
    return LoadCard(
        card_id=card_id,
        store_id=STORE_ID,
        register_id=REGISTER_ID,
        amount_minor=amount_minor,
        tenders=tenders or (cash(amount_minor),),
    )


def grant(amount_minor: int, expires_at: datetime | None = None, currency: str = "CNY") -> GrantCredit:
    return GrantCredit(
        customer_id="c1",
        currency=currency,
        amount_minor=amount_minor,
        expires_at=expires_at,
        reason="goodwill",
    )


def a_shop(on_card: int = 0, credit: int = 0, valid_days: int | None = None) -> Shop:
    """A shop with an apple at 10.00, the card g1 and the customer c1."""
    shop = Shop(a_store(), by_piece("apple", 1_000, tax_rate_bp=900), a_customer("c1"))
    done(shop.do(make("g1", valid_days=valid_days)))
    if on_card:
        done(shop.do(load(on_card)))
    if credit:
        done(shop.do(grant(credit)))
    return shop


def done(outcome: object) -> None:
    assert not isinstance(outcome, Refusal), outcome


def selling(quantity: int, *tenders: Tender, sale_id: str = "x1", customer_id: str | None = "c1") -> CheckOut:
    return check_out(("apple", quantity), tenders=tenders, sale_id=sale_id, customer_id=customer_id)


def gift_card(shop: Shop, card_id: str = "g1") -> Account:
    return shop.state(GIFT_CARD, card_id)


# --- loading ----------------------------------------------------------------------------------------


def test_a_card_is_worth_nothing_until_it_is_loaded() -> None:
    assert isinstance(a_shop().do(selling(1, from_card(1_000))), StoredValueShort)


def test_a_loaded_card_holds_what_was_paid() -> None:
    assert gift_card(a_shop(5_000)).spendable_minor(NOON) == 5_000


def test_a_load_is_topped_up_by_the_next() -> None:
    shop = a_shop(5_000)
    done(shop.do(load(2_000)))
    assert gift_card(shop).balance_minor == 7_000


def test_a_load_is_no_revenue() -> None:
    """It has a receipt, of nothing sold and nothing taxed."""
    shop = a_shop(5_000)
    (receipt,) = shop.events(ReceiptIssued)
    assert (receipt.number, receipt.total_minor, receipt.taxes) == (1, 0, ())
    assert shop.state(TILL, f"{STORE_ID}/{REGISTER_ID}").perpetual.sales_minor == 0


def test_change_is_given_on_a_load() -> None:
    outcome = a_shop().do(load(5_000, cash(6_000)))
    assert not isinstance(outcome, Refusal)
    answer = outcome.result
    assert isinstance(answer, LoadAnswer)
    assert (answer.change_minor, answer.balance_minor) == (1_000, 5_000)


def test_a_load_must_be_paid() -> None:
    assert isinstance(a_shop().do(load(5_000, cash(4_999))), TendersDoNotAddUp)


@pytest.mark.parametrize(
    "tender",
    [Tender(method=POINTS, amount_minor=5_000), from_card(5_000, "g2"), from_credit(5_000)],
    ids=lambda tender: tender.method,
)
def test_value_is_not_bought_with_value(tender: Tender) -> None:
    assert isinstance(a_shop(credit=5_000).do(load(5_000, tender)), InvalidCommand)


def test_a_card_that_was_never_made_takes_nothing() -> None:
    assert isinstance(a_shop().do(load(5_000, card_id="g9")), CardUnknown)


def test_a_card_of_another_currency_takes_nothing() -> None:
    shop = a_shop()
    done(shop.do(make("g2", currency="EUR")))
    assert isinstance(shop.do(load(5_000, card_id="g2")), CurrencyMismatch)


@pytest.mark.parametrize("amount", [0, -1, 10**12 + 1])
def test_a_load_is_of_an_amount(amount: int) -> None:
    assert isinstance(a_shop().do(load(amount)), InvalidCommand)


def test_a_code_is_made_once() -> None:
    assert isinstance(a_shop().do(make("g1")), AlreadyExists)


@pytest.mark.parametrize("card_ids", [(), ("g2", "g2")])
def test_cards_are_made_each_once(card_ids: tuple[str, ...]) -> None:
    assert isinstance(a_shop().do(make(*card_ids)), InvalidCommand)


# --- paying -----------------------------------------------------------------------------------------


def test_a_card_pays_and_the_rest_is_paid_otherwise() -> None:
    shop = a_shop(1_500)
    done(shop.do(selling(2, from_card(1_500), cash(500))))
    assert gift_card(shop).balance_minor == 0


def test_the_sale_keeps_what_paid() -> None:
    shop = a_shop(1_500)
    done(shop.do(selling(2, card(500), from_card(1_500))))
    (payment,) = shop.events(SaleCompleted)[0].stored
    assert payment == StoredPayment(
        tender=2, account="giftcard-g1", lots=(ValueLot(number=1, amount_minor=1_500),)
    )


def test_a_card_changes_neither_price_nor_tax() -> None:
    with_card, without = a_shop(2_000), a_shop()
    done(with_card.do(selling(2, from_card(2_000))))
    done(without.do(selling(2, card(2_000))))
    assert with_card.events(SaleCompleted)[0].lines == without.events(SaleCompleted)[0].lines


def test_nobody_in_particular_pays_with_a_card() -> None:
    shop = a_shop(1_000)
    done(shop.do(selling(1, from_card(1_000), customer_id=None)))
    assert gift_card(shop).balance_minor == 0


def test_more_than_the_card_holds_is_not_paid() -> None:
    outcome = a_shop(999).do(selling(1, from_card(1_000)))
    assert isinstance(outcome, StoredValueShort)
    assert outcome.facts == {"spendable": 999, "asked": 1_000}


def test_no_change_is_given_from_a_card() -> None:
    assert isinstance(a_shop(5_000).do(selling(1, from_card(5_000))), TendersDoNotAddUp)


def test_a_card_pays_in_one_tender() -> None:
    assert isinstance(a_shop(2_000).do(selling(2, from_card(1_000), from_card(1_000))), InvalidCommand)


def test_two_cards_pay_together() -> None:
    shop = a_shop(1_000)
    done(shop.do(make("g2")))
    done(shop.do(load(1_000, card_id="g2")))
    done(shop.do(selling(2, from_card(1_000), from_card(1_000, "g2"))))
    assert (gift_card(shop).balance_minor, gift_card(shop, "g2").balance_minor) == (0, 0)


@pytest.mark.parametrize("amount", [0, -1_000])
def test_a_card_pays_more_than_nothing(amount: int) -> None:
    assert isinstance(
        a_shop(1_000).do(selling(1, from_card(amount), card(1_000 - amount))), TendersDoNotAddUp
    )


def test_without_its_code_no_card_pays() -> None:
    tender = Tender(method=GIFT_CARD_TENDER, amount_minor=1_000)
    assert isinstance(a_shop(1_000).do(selling(1, tender)), InvalidCommand)


def test_a_card_that_was_never_made_does_not_pay() -> None:
    assert isinstance(a_shop().do(selling(1, from_card(1_000, "g9"))), CardUnknown)


def test_a_blocked_card_does_not_pay_until_it_is_unblocked() -> None:
    shop = a_shop(1_000)
    done(shop.do(BlockCard(card_id="g1", blocked=True, reason="lost")))
    assert isinstance(shop.do(selling(1, from_card(1_000))), CardBlocked)
    done(shop.do(BlockCard(card_id="g1", blocked=False, reason="found")))
    done(shop.do(selling(1, from_card(1_000))))


def test_there_is_no_blocking_of_what_was_never_made() -> None:
    assert isinstance(a_shop().do(BlockCard(card_id="g9", blocked=True, reason="lost")), NotFound)


def test_a_card_is_blocked_once() -> None:
    shop = a_shop()
    for blocked in (True, True, False, False):
        done(shop.do(BlockCard(card_id="g1", blocked=blocked, reason="lost")))
    assert (len(shop.events(GiftCardBlocked)), len(shop.events(GiftCardUnblocked))) == (1, 1)


def test_what_expires_first_is_spent_first() -> None:
    shop = a_shop(credit=500)
    done(shop.do(grant(500, NOON + YEAR)))
    done(shop.do(selling(1, from_credit(700), card(300))))
    assert [(lot.number, lot.amount_minor) for lot in shop.events(ValueSpent)[0].lots] == [(2, 500), (1, 200)]


def test_credit_pays_for_its_customer_alone() -> None:
    outcome = a_shop(credit=1_000).do(selling(1, from_credit(1_000), customer_id=None))
    assert isinstance(outcome, CreditNeedsCustomer)


def test_credit_that_was_never_granted_does_not_pay() -> None:
    assert isinstance(a_shop().do(selling(1, from_credit(1_000))), StoredValueShort)


# --- credit -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (grant(0), InvalidCommand),
        (grant(1, NOON), InvalidCommand),
        (grant(1, currency="EUR"), CurrencyMismatch),
    ],
)
def test_credit_is_an_amount_of_the_customers_currency_with_a_future(
    command: GrantCredit, refusal: type[Refusal]
) -> None:
    assert isinstance(a_shop(credit=1).do(command), refusal)


def test_a_stranger_is_granted_nothing() -> None:
    command = GrantCredit(customer_id="ghost", currency="CNY", amount_minor=1, reason="goodwill")
    assert isinstance(a_shop().do(command), NotFound)


def test_credits_that_nobody_spends_do_not_grow_without_end() -> None:
    shop = a_shop()
    for _ in range(MAX_CREDITS_LEFT):
        done(shop.do(grant(1)))
    assert isinstance(shop.do(grant(1)), InvalidCommand)


# --- returning and expiring -------------------------------------------------------------------------


def test_value_returns_to_the_same_card_with_its_original_expiry() -> None:
    shop = a_shop(2_000, valid_days=30)
    done(shop.do(selling(2, from_card(2_000))))
    done(shop.do(take_back((1, 1)), at(NOON + timedelta(days=10))))
    back = ValueLot(number=1, amount_minor=1_000, expires_at=NOON + timedelta(days=30))
    assert shop.events(ValueRefunded)[0].lots == (back,)


def test_returns_in_parts_put_each_lot_back_as_it_was() -> None:
    """Two loads that expire at different times: the last spent comes back first, in the end both do."""
    shop = a_shop(1_000, valid_days=30)
    done(shop.do(load(1_000), at(NOON + timedelta(days=5))))
    before = gift_card(shop).lots
    done(shop.do(selling(2, from_card(2_000)), at(NOON + timedelta(days=6))))
    for number in range(2):
        done(shop.do(take_back((1, 1), return_id=f"r{number}"), at(NOON + timedelta(days=7))))
    assert [lot.number for event in shop.events(ValueRefunded) for lot in event.lots] == [2, 1]
    assert gift_card(shop).lots == before


def test_what_expired_meanwhile_comes_back_expired() -> None:
    shop = a_shop(2_000, valid_days=30)
    done(shop.do(selling(2, from_card(2_000))))
    later = NOON + timedelta(days=31)
    done(shop.do(take_back((1, 2)), at(later)))
    assert (gift_card(shop).balance_minor, gift_card(shop).spendable_minor(later)) == (2_000, 0)


def test_a_refund_reaches_a_blocked_card() -> None:
    shop = a_shop(1_000)
    done(shop.do(selling(1, from_card(1_000))))
    done(shop.do(BlockCard(card_id="g1", blocked=True, reason="lost")))
    done(shop.do(take_back((1, 1))))
    assert gift_card(shop).balance_minor == 1_000


def test_what_expired_is_written_off_once() -> None:
    shop = a_shop(2_000, valid_days=30)
    for _ in range(2):
        done(shop.do(ExpireValue(account="giftcard-g1"), at(NOON + timedelta(days=30))))
    assert [event.lots[0].amount_minor for event in shop.events(ValueExpired)] == [2_000]


def test_what_has_not_expired_stays() -> None:
    shop = a_shop(2_000, credit=500, valid_days=30)
    for account in ("giftcard-g1", "credit-c1"):
        done(shop.do(ExpireValue(account=account), at(NOON + timedelta(days=30, microseconds=-1))))
    assert shop.events(ValueExpired) == []


# --- the law ----------------------------------------------------------------------------------------

AMOUNTS = st.integers(1, 3_000)
STEPS = st.one_of(
    st.tuples(st.just("load"), AMOUNTS),
    st.tuples(st.just("grant"), AMOUNTS),
    st.tuples(st.just("buy"), AMOUNTS),
    st.tuples(st.just("return"), st.integers(0, 20)),
    st.tuples(st.just("wait"), st.integers(1, 40)),
    st.tuples(st.just("expire"), st.just(0)),
)


@a_law
@drawn(st.lists(STEPS, max_size=25))
def test_issued_is_spent_less_refunded_and_expired_and_balance(steps: list[tuple[str, int]]) -> None:
    shop = a_shop(valid_days=60)
    now = NOON
    sales: list[str] = []
    for number, (step, value) in enumerate(steps):
        match step:
            case "load":
                shop.do(load(value), at(now))
            case "grant":
                shop.do(grant(value, now + timedelta(days=20) if value % 2 else None), at(now))
            case "buy":
                tenders = [from_card(min(value, 2_000))]
                if (rest := 3_000 - min(value, 2_000)) and value % 3:
                    tenders.append(from_credit(rest // 2))
                due = sum(tender.amount_minor for tender in tenders)
                sale_id = f"x{number}"
                bought = shop.do(selling(3, *tenders, cash(3_000 - due), sale_id=sale_id), at(now))
                sales += [] if isinstance(bought, Refusal) else [sale_id]
            case "return" if sales:
                sale_id = sales[value % len(sales)]
                shop.do(take_back((1, 1), return_id=f"r{number}", sale_id=sale_id), at(now))
            case "wait":
                now += timedelta(days=value)
            case _:
                for account in ("giftcard-g1", "credit-c1"):
                    done(shop.do(ExpireValue(account=account), at(now)))
        for account in (gift_card(shop), shop.state(CREDIT, "c1")):
            assert account.issued_minor == (
                account.spent_minor - account.refunded_minor + account.expired_minor + account.balance_minor
            )
            assert all(lot.amount_minor > 0 for lot in account.lots)
            assert account.refunded_minor <= account.spent_minor
    assert gift_card(shop).issued_minor == sum(e.lot.amount_minor for e in shop.events(GiftCardLoaded))


@a_law
@drawn(st.integers(1, 3_000), st.permutations([1, 1, 1]))
def test_any_returns_of_a_sale_put_back_exactly_what_paid(on_card: int, parts: list[int]) -> None:
    shop = a_shop(on_card)
    rest = [cash(3_000 - on_card)] if on_card < 3_000 else []
    done(shop.do(selling(3, from_card(on_card), *rest)))
    for number, quantity in enumerate(parts):
        done(shop.do(take_back((1, quantity), return_id=f"r{number}")))
    assert gift_card(shop).balance_minor == on_card
    assert sum(back.total_minor for back in shop.events(ReturnRecorded)) == 3_000


def test_what_is_put_on_a_card_is_told_apart_from_sales_and_rounding_in_a_shift() -> None:
    shop = Shop(a_store(cash_unit_minor=5))
    shop.do(make("g1"))
    shop.do(open_shift(0))
    shop.do(load(2000, card(500), cash(5000)))
    shift = shop.state(TILL, "s1/till-1").shift
    assert shift is not None
    assert (shift.totals.total_minor, shift.rounding_minor, shift.loaded_minor) == (0, 0, 2000)
    assert {part.method: part.amount_minor for part in shift.expected} == {"card": 500, "cash": 1500}


@pytest.mark.parametrize("tenders", [(cash(2002),), (cash(2005),), (card(1001), cash(1001))])
def test_a_card_is_loaded_with_cash_that_coins_can_make(tenders: tuple[Tender, ...]) -> None:
    shop = Shop(a_store(cash_unit_minor=5))
    shop.do(make("g1"))
    assert isinstance(shop.do(load(2002, *tenders)), TendersDoNotAddUp)
