"""Laws of returns and exchanges: in any order, condition and choice of tenders they end at what was paid."""

from collections import Counter
from collections.abc import Sequence

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from domain.checkout.exchange import Exchange, ExchangeAnswer
from domain.checkout.lines_back import ReturnLine
from domain.checkout.return_document import ReturnAnswer
from domain.checkout.take_back import TakeBack
from domain.inventory.stock_item import Place, StockMoved
from domain.kernel.errors import Refusal
from domain.kernel.event import Event
from domain.loyalty.programme import Programme, SetProgramme
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import SALE, Sale, SaleCompleted, Tender
from domain.sales.tendering import ChosenRefund, TendersDoNotAddUp, paid_by_tender
from tests.support.decisions import NOON, Shop, at
from tests.support.facts import (
    a_customer,
    a_store,
    by_gram,
    by_piece,
    card,
    cash,
    check_out,
    received,
    take_back,
)
from tests.support.laws import a_law

PROGRAMME = Programme(currency="CNY", earn_points=1, earn_minor=70, redeem_points=1, redeem_minor=1)
QUANTITIES = {"apple": 3, "cherry": 725, "wrap": 2}
TAKEN = st.lists(
    st.tuples(st.sampled_from(("apple", "wrap", "wine")), st.integers(1, 4)), min_size=1, max_size=3
)


def bought(data: st.DataObject, *, inclusive: bool) -> Shop:
    """A shop in which one sale was made to a customer, paid in up to three ways and perhaps with change."""
    shop = Shop(
        a_store(prices_include_tax=inclusive),
        a_customer(),
        by_piece("apple", 335, tax_rate_bp=900),
        by_gram("cherry", 3990, tax_rate_bp=2200),
        by_piece("wrap", 101, stocked=False),
        by_piece("wine", 2369, tax_rate_bp=2200),
        received("apple", 50, 8_888),
        received("cherry", 9_000, 12_345),
        received("wine", 50, 77_777),
    )
    shop.do(SetProgramme(programme=PROGRAMME))
    asked = shop.do(check_out(*QUANTITIES.items(), tenders=(cash(1),)))
    assert isinstance(asked, TendersDoNotAddUp)
    due = asked.facts["due"]
    assert isinstance(due, int)
    first = data.draw(st.integers(1, due - 2))
    second = data.draw(st.integers(0, due - first - 1))
    tenders = [card(first), Tender(method="voucher", amount_minor=second)] if second else [card(first)]
    tenders.append(cash(due - first - second + data.draw(st.integers(0, 50))))
    done = shop.do(check_out(*QUANTITIES.items(), tenders=tuple(tenders), customer_id="c1"))
    if isinstance(done, TendersDoNotAddUp):
        # The change was not less than the cash: without it, then.
        tenders[-1] = cash(due - first - second)
        done = shop.do(check_out(*QUANTITIES.items(), tenders=tuple(tenders), customer_id="c1"))
    assert not isinstance(done, Refusal), done
    return shop


def some_of(shop: Shop, data: st.DataObject, return_id: str) -> TakeBack | None:
    """A return of something that is left, in whatever condition, to tenders that are perhaps chosen."""
    sale = shop.state(SALE, "x1")
    assert sale.completed is not None
    left = {
        line.line: line.quantity - sale.returned.get(line.line, 0)
        for line in sale.completed.lines
        if line.quantity > sale.returned.get(line.line, 0)
    }
    if not left:
        return None
    numbers = data.draw(st.lists(st.sampled_from(sorted(left)), min_size=1, unique=True))
    lines: list[ReturnLine] = []
    for number in numbers:
        quantity = data.draw(st.integers(1, left[number]))
        stocked = sale.completed.lines[number - 1].stocked
        wasted = data.draw(st.integers(0, quantity)) if stocked else 0
        condition = "spoiled" if wasted else None
        lines.append(ReturnLine(line=number, quantity=quantity, wasted=wasted, condition=condition))
    command = msgspec.structs.replace(take_back(return_id=return_id), lines=tuple(lines))
    if data.draw(st.booleans()):
        return command
    asked = shop.decide(command, at(NOON)).result
    assert isinstance(asked, ReturnAnswer)
    return msgspec.structs.replace(command, chosen=chosen_refunds(sale, asked.total_minor, data))


def chosen_refunds(sale: Sale, total: int, data: st.DataObject) -> tuple[ChosenRefund, ...]:
    """The refund, put onto the tenders in an order drawn at random, each up to what it has left."""
    assert sale.completed is not None
    room = [paid - back for paid, back in zip(paid_by_tender(sale.completed), sale.refunded, strict=True)]
    chosen: list[ChosenRefund] = []
    for index in data.draw(st.permutations(range(len(room)))):
        if part := min(room[index], total):
            chosen.append(ChosenRefund(tender=index + 1, amount_minor=part))
            total -= part
    return tuple(chosen)


def exchange_for(shop: Shop, back: TakeBack, taken: Sequence[tuple[str, int]], sale_id: str) -> Exchange:
    """The return in exchange for the goods; what is due besides is paid in cash."""
    asked = shop.do(check_out(*taken, sale_id=sale_id, tenders=(cash(1),)))
    assert isinstance(asked, TendersDoNotAddUp)
    price, worth = asked.facts["due"], shop.decide(back, at(NOON)).result
    assert isinstance(price, int)
    assert isinstance(worth, ReturnAnswer)
    due = price - worth.total_minor
    tenders = (cash(due),) if due > 0 else ()
    return Exchange(back=back, sale=check_out(*taken, sale_id=sale_id, customer_id="c1", tenders=tenders))


@a_law
@given(st.booleans(), st.data())
def test_any_order_of_returns_and_exchanges_ends_at_what_was_paid_and_is_never_above_it(
    inclusive: bool, data: st.DataObject
) -> None:
    shop = bought(data, inclusive=inclusive)
    sold = shop.events(SaleCompleted)[0]
    paid = paid_by_tender(sold)
    for number in range(data.draw(st.integers(0, 4))):
        if (back := some_of(shop, data, f"r{number}")) is None:
            break
        command = (
            exchange_for(shop, back, data.draw(TAKEN), f"n{number}") if data.draw(st.booleans()) else back
        )
        done = shop.do(command)
        assert not isinstance(done, Refusal), done
        refunded = shop.state(SALE, "x1").refunded
        assert all(0 <= got <= most for got, most in zip(refunded, paid, strict=True))
    shop.do(msgspec.structs.replace(take_back(return_id="rest"), correction=True))
    returned = [line for event in shop.events(ReturnRecorded) for line in event.lines]
    assert list(shop.state(SALE, "x1").refunded) == paid
    assert sum(line.refund_minor for line in returned) == sold.total_minor
    assert sum(line.tax_minor for line in returned) == sum(line.tax_minor for line in sold.lines)
    assert with_customers(shop) == Counter()


def with_customers(shop: Shop) -> Counter[tuple[str, str]]:
    """What of the first sale, in quantity and in cost, is neither back on the shelf nor in the waste."""
    balance: Counter[tuple[str, str]] = Counter()
    for moved in shop.events(StockMoved):
        reference = moved.reference or ""
        if reference == "sale-x1" or reference.startswith("return-"):
            sign = 1 if moved.to is Place.CUSTOMER else -1
            balance[moved.sku, "quantity"] += sign * moved.quantity
            balance[moved.sku, "cost"] += sign * moved.cost_minor
    return +balance + -balance


def told(shop: Shop) -> list[tuple[str, Event]]:
    """Everything that happened, without what says that it happened in one decision."""
    plain: list[tuple[str, Event]] = []
    for stream, event in shop.facts:
        if isinstance(event, SaleCompleted):
            tenders = tuple(msgspec.structs.replace(tender, carried=False) for tender in event.tenders)
            event = msgspec.structs.replace(event, tenders=tenders, exchange_of=None)
        if isinstance(event, ReturnRecorded):
            event = msgspec.structs.replace(event, exchanged_for=None)
        plain.append((stream, event))
    return plain


@a_law
@given(st.booleans(), st.data())
def test_an_exchange_is_the_return_followed_by_the_sale(inclusive: bool, data: st.DataObject) -> None:
    shop = bought(data, inclusive=inclusive)
    back = some_of(shop, data, "r1")
    assert back is not None
    command = exchange_for(shop, back, data.draw(TAKEN), "x2")
    apart = Shop(*shop.facts)
    done = shop.do(command)
    assert not isinstance(done, Refusal), done
    tenders = shop.events(SaleCompleted)[-1].tenders
    paid = tuple(msgspec.structs.replace(tender, carried=False) for tender in tenders)
    apart.do(back)
    apart.do(msgspec.structs.replace(command.sale, tenders=paid))
    assert told(shop) == told(apart)


@a_law
@given(st.booleans(), st.data())
def test_what_changes_hands_is_the_difference(inclusive: bool, data: st.DataObject) -> None:
    shop = bought(data, inclusive=inclusive)
    back = some_of(shop, data, "r1")
    assert back is not None
    done = shop.do(exchange_for(shop, back, data.draw(TAKEN), "x2"))
    assert not isinstance(done, Refusal), done
    answer = done.result
    assert isinstance(answer, ExchangeAnswer)
    out = sum(tender.amount_minor for tender in answer.paid_out)
    assert answer.paid_minor - out == answer.sale.total_minor - answer.returned.total_minor
    assert 0 in (answer.paid_minor, out)
    assert all(tender.amount_minor > 0 for tender in answer.paid_out)
