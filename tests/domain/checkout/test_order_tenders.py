"""Gift cards, store credit and points pay orders too, and what they paid comes back to where it was."""

from datetime import timedelta

from domain.checkout.pay_order import PayOrder
from domain.checkout.stored_tenders import CreditNeedsCustomer
from domain.kernel.command import Decision
from domain.kernel.errors import InvalidCommand, Refusal
from domain.kernel.points import Lot
from domain.loyalty.points import LOYALTY, PointsEarned
from domain.loyalty.programme import SetProgramme
from domain.orders.order import ORDER, OrderPaid, OrderStatus, Payment
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import GIFT_CARD_TENDER, POINTS, STORE_CREDIT, SaleCompleted
from domain.sales.tendering import TendersDoNotAddUp
from domain.stored_value.cards import BlockCard, CardUnknown
from domain.stored_value.value import CREDIT, GIFT_CARD, CardBlocked, StoredValueShort, ValueRefunded
from tests.domain.checkout.test_membership import ONE_IN_A_HUNDRED
from tests.domain.checkout.test_stored_tenders import a_shop as a_shop_with
from tests.support.decisions import NOON, Shop, at
from tests.support.facts import received
from tests.support.orders import cancel, place

DAY = timedelta(days=1)
CARD = Payment(method="card", amount_minor=1_000, reference="pay-1")


def by_card(amount_minor: int, card_id: str = "g1") -> Payment:
    return Payment(method=GIFT_CARD_TENDER, amount_minor=amount_minor, reference=card_id)


def by_credit(amount_minor: int) -> Payment:
    return Payment(method=STORE_CREDIT, amount_minor=amount_minor)


def by_points(amount_minor: int) -> Payment:
    return Payment(method=POINTS, amount_minor=amount_minor)


def a_shop(on_card: int = 0, credit: int = 0, customer_id: str | None = "c1") -> Shop:
    """A shop where somebody has ordered three apples at 10.00; the card is valid for ten days."""
    shop = a_shop_with(on_card, credit, valid_days=10)
    shop.record([received("apple", 10, 0)])
    lot = Lot(number=1, points=1_000)
    shop.do(SetProgramme(programme=ONE_IN_A_HUNDRED))
    shop.record([("loyalty-c1", PointsEarned(customer_id="c1", document="sale-x0", lot=lot))])
    shop.do(place(("apple", 3), customer_id=customer_id))
    return shop


def paying(*payments: Payment) -> PayOrder:
    return PayOrder(order_id="o1", payments=payments)


def left(shop: Shop) -> tuple[int, int, int]:
    """What is on the card, in credit, and in points."""
    card, credit = shop.state(GIFT_CARD, "g1"), shop.state(CREDIT, "c1")
    return card.balance_minor, credit.balance_minor, shop.state(LOYALTY, "c1").balance


def refused(shop: Shop, *payments: Payment) -> type[Refusal]:
    before = left(shop)
    refusal = shop.do(paying(*payments))
    assert isinstance(refusal, Refusal)
    assert (left(shop), shop.state(ORDER, "o1").status) == (before, OrderStatus.PLACED)
    return type(refusal)


def test_card_credit_points_and_money_pay_one_order_in_one_decision() -> None:
    shop = a_shop(on_card=700, credit=500)
    decision = shop.do(paying(by_card(700), by_credit(300), by_points(1_000), CARD))
    assert isinstance(decision, Decision)
    # Ten yuan were paid with 200 points of five fen, and the other twenty earn one each.
    assert left(shop) == (0, 200, 1_000 - 200 + 20)
    sale = shop.events(SaleCompleted)[-1]
    assert [stored.account for stored in sale.stored] == ["giftcard-g1", "credit-c1"]
    assert [tender.amount_minor for tender in sale.tenders] == [700, 300, 1_000, 1_000]
    assert shop.events(OrderPaid)[-1].payments[0] == by_card(700)


def test_an_order_that_is_given_up_pays_back_to_where_it_came_from() -> None:
    shop = a_shop(on_card=700, credit=500)
    before = left(shop)
    shop.do(paying(by_card(700), by_credit(300), by_points(1_000), CARD))
    assert isinstance(shop.do(cancel()), Decision)
    assert left(shop) == before
    assert [one.method for one in shop.events(ReturnRecorded)[-1].refunds] == [
        "gift_card",
        "store_credit",
        "points",
        "card",
    ]


def test_what_comes_back_to_a_card_expires_when_it_would_have_expired() -> None:
    shop = a_shop(on_card=3_000)
    before = shop.state(GIFT_CARD, "g1").lots
    shop.do(paying(by_card(3_000)), at(NOON))
    assert shop.state(GIFT_CARD, "g1").balance_minor == 0
    shop.do(cancel(), at(NOON + 5 * DAY))
    (back,) = shop.events(ValueRefunded)[-1].lots
    assert back.expires_at == before[0].expires_at == NOON + 10 * DAY


def test_a_card_pays_no_more_than_is_on_it_and_no_order_too_little() -> None:
    shop = a_shop(on_card=700)
    assert refused(shop, by_card(3_000)) is StoredValueShort
    assert refused(shop, by_card(700)) is TendersDoNotAddUp
    assert refused(shop, by_card(700), CARD) is TendersDoNotAddUp


def test_a_card_that_is_blocked_or_unknown_or_names_no_code_pays_nothing() -> None:
    shop = a_shop(on_card=3_000)
    assert refused(shop, by_card(3_000, "g2")) is CardUnknown
    assert refused(shop, Payment(method=GIFT_CARD_TENDER, amount_minor=3_000)) is InvalidCommand
    shop.do(BlockCard(card_id="g1", blocked=True, reason="stolen"))
    assert refused(shop, by_card(3_000)) is CardBlocked


def test_nobody_in_particular_has_no_credit() -> None:
    assert refused(a_shop(credit=3_000, customer_id=None), by_credit(3_000)) is CreditNeedsCustomer


def test_of_two_orders_that_one_card_would_pay_one_is_paid() -> None:
    shop = a_shop(on_card=3_000)
    shop.do(place(("apple", 3), order_id="o2", customer_id="c1"))
    assert isinstance(shop.do(paying(by_card(3_000))), Decision)
    assert isinstance(shop.do(PayOrder(order_id="o2", payments=(by_card(3_000),))), StoredValueShort)
    assert shop.state(ORDER, "o2").status is OrderStatus.PLACED
