"""A machine that sells, loads cards, takes back, exchanges and corrects: it makes no money, points or goods.

Cash is rounded, the till has shifts, points pay or are a discount, and an offer prices returns anew.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.checkout.check_out import CheckOut
from domain.checkout.exchange import Exchange, ExchangeAnswer
from domain.checkout.line_prices import BasketLine
from domain.checkout.lines_back import ReturnLine
from domain.checkout.return_document import ReturnAnswer
from domain.checkout.take_back import TakeBack
from domain.inventory.stock_item import STOCK_ITEM, Place, StockMoved, item_id
from domain.kernel.command import Command
from domain.kernel.errors import Refusal
from domain.kernel.money import half_up
from domain.kernel.points import Lot
from domain.loyalty.earning import EarnRule, Tier
from domain.loyalty.points import LOYALTY, PointsEarned, PointsRestored, PointsSpent
from domain.loyalty.programme import Pays, Programme, SetProgramme
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import (
    CASH,
    GIFT_CARD_TENDER,
    OWN_TENDERS,
    POINTS,
    SALE,
    UNCOVERED,
    Refund,
    SaleCompleted,
    Tender,
)
from domain.sales.tendering import TendersDoNotAddUp, worth
from domain.stored_value.value import GIFT_CARD
from domain.tills.shift import Shift, ShiftClosed
from domain.tills.till import TILL
from tests.domain.checkout.test_exchange_laws import chosen_refunds
from tests.domain.checkout.test_points_discount import SAVE
from tests.domain.checkout.test_record_sale import made
from tests.domain.checkout.test_shifts import close, count, open_shift
from tests.domain.checkout.test_stored_tenders import from_card, load, make
from tests.support.decisions import NOON, Shop, at
from tests.support.facts import (
    STORE_ID,
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

UNIT = 5
FLOAT = 1_000
POINTS_HELD = 500
DOUBLE = (EarnRule(name="wine", multiplier_bp=20_000, skus=("wine",)),)
TIERS = (Tier(name="silver", from_minor=5_000, multiplier_bp=15_000),)
RECEIVED = {"apple": 900, "cherry": 90_000, "wine": 900}
BASKETS = st.lists(
    st.tuples(st.sampled_from(("apple", "wine", "cherry", "wrap")), st.integers(1, 6)), min_size=1, max_size=3
)
LIKES = st.lists(st.sampled_from((GIFT_CARD_TENDER, "card", POINTS)), max_size=3, unique=True)


def labelled(quantity: int) -> tuple[str, int] | BasketLine:
    """Cherries by the gram, and some of them with the price that a scale has printed."""
    if quantity % 2:
        return "cherry", quantity * 137
    return BasketLine(sku="cherry", quantity=0, label_minor=quantity * 251)


def handed_back(refunds: Iterable[Refund]) -> int:
    """What goes out of the drawer."""
    return sum(refund.amount_minor + refund.rounding_minor for refund in refunds if refund.method == CASH)


class Money(RuleBasedStateMachine):
    """What the till decides, beside a drawer that only knows what changes hands."""

    @initialize(
        inclusive=st.booleans(), pays=st.sampled_from(Pays), reprice=st.booleans(), double=st.booleans()
    )
    def open(self, *, inclusive: bool, pays: Pays, reprice: bool, double: bool) -> None:
        self.shop = Shop(
            a_store(cash_unit_minor=UNIT, shifts_required=True, prices_include_tax=inclusive),
            a_customer(),
            by_piece("apple", 333, tax_rate_bp=900),
            by_gram("cherry", 3990, tax_rate_bp=2200),
            by_piece("wrap", 1, stocked=False),
            by_piece("wine", 2369, tax_rate_bp=2200),
            *(received(sku, quantity, quantity * 7) for sku, quantity in RECEIVED.items()),
        )
        programme = Programme(
            currency="CNY",
            earn_points=1,
            earn_minor=70,
            redeem_points=1,
            redeem_minor=1,
            pays=pays,
            rules=DOUBLE if double else (),
            tiers=TIERS if double else (),
        )
        self.pays, self.programme = pays, programme
        self.did(SetProgramme(programme=programme))
        lot = Lot(number=1, points=POINTS_HELD)
        self.shop.record([("loyalty-c1", PointsEarned(customer_id="c1", document="sale-x0", lot=lot))])
        if reprice:
            self.did(SAVE)
        self.did(make("g1"))
        self.did(open_shift(FLOAT))
        self.drawer, self.loaded, self.number = FLOAT, 0, 0

    def did(self, command: Command) -> Any:
        done = self.shop.do(command)
        assert not isinstance(done, Refusal), (done, done.facts, command)
        return done.result

    def next_id(self, kind: str) -> str:
        self.number += 1
        return f"{kind}{self.number}"

    def basket(self, lines: list[tuple[str, int]], data: st.DataObject) -> tuple[CheckOut, int]:
        """A sale and its total, with points off where they are a discount."""
        goods = [labelled(quantity) if sku == "cherry" else (sku, quantity) for sku, quantity in lines]
        sale = check_out(*goods, sale_id=self.next_id("x"), customer_id="c1")
        total = self.total_of(sale)
        most = min(self.shop.state(LOYALTY, "c1").spendable(NOON), total // 2)
        if self.pays is Pays.DISCOUNT and most > 0 and data.draw(st.booleans()):
            sale = msgspec.structs.replace(sale, points=data.draw(st.integers(1, most)))
            total = self.total_of(sale)
        return sale, total

    def total_of(self, sale: CheckOut) -> int:
        """What the till says is due without rounding, from its refusal to take nothing for it."""
        asked = self.shop.do(msgspec.structs.replace(sale, tenders=(card(0),)))
        assert isinstance(asked, TendersDoNotAddUp)
        due = asked.facts["due"]
        assert isinstance(due, int)
        return due

    def own(self, due: int, likes: list[str], shop: Shop) -> list[Tender]:
        """What card and points pay of it, as far as there is something on them."""
        tenders: list[Tender] = []
        for method in likes:
            if method == GIFT_CARD_TENDER:
                part = min(due, shop.state(GIFT_CARD, "g1").spendable_minor(NOON))
                tender = from_card(part)
            elif method == POINTS and self.pays is Pays.TENDER:
                part = min(due, shop.state(LOYALTY, "c1").spendable(NOON))
                tender = Tender(method=POINTS, amount_minor=part)
            else:
                continue
            if part > 0:
                tenders.append(tender)
                due -= part
        return tenders

    @rule(lines=BASKETS, likes=LIKES, more=st.integers(0, 3), data=st.data())
    def sell(self, lines: list[tuple[str, int]], likes: list[str], more: int, data: st.DataObject) -> None:
        sale, total = self.basket(lines, data)
        tenders = self.own(total, likes, self.shop)
        left = total - worth(tenders)
        if left and "card" in likes:
            tenders.append(card(part := data.draw(st.integers(1, left))))
            left -= part
        in_cash = half_up(left, UNIT) * UNIT
        if left and not in_cash and tenders:
            tenders.append(Tender(method="voucher", amount_minor=left))
        elif in_cash:
            tenders.append(cash(in_cash + more * UNIT))
        answer = self.did(msgspec.structs.replace(sale, tenders=tuple(tenders)))
        assert answer.change_minor == (more * UNIT if in_cash else 0)
        self.drawer += in_cash

    @rule(quantity=st.integers(1, 5), off=st.integers(0, 40), by_card=st.booleans())
    def sell_offline(self, quantity: int, off: int, by_card: bool) -> None:
        """The till does not know what the card holds, if there is anything on it at all."""
        charged = max(0, quantity * 333 - off)
        in_cash = 0 if by_card else half_up(charged, UNIT) * UNIT
        tenders = (from_card(charged) if by_card else cash(in_cash),)
        line = ("apple", quantity, 333, charged)
        self.did(made(line, sale_id=self.next_id("x"), customer_id="c1", tenders=tenders))
        self.drawer += in_cash

    @rule(amount=st.integers(1, 400), by_card=st.booleans())
    def load_card(self, amount: int, by_card: bool) -> None:
        amount = amount if by_card else amount * UNIT
        self.did(load(amount, card(amount) if by_card else cash(amount)))
        self.loaded += amount
        self.drawer += 0 if by_card else amount

    def something_back(self, data: st.DataObject) -> TakeBack:
        left = [sale.sale_id for sale in self.shop.events(SaleCompleted) if self.left_of(sale.sale_id)]
        sale_id = data.draw(st.sampled_from(left))
        if not data.draw(st.integers(0, 3)):
            command = take_back(return_id=self.next_id("r"), sale_id=sale_id)
            return msgspec.structs.replace(command, correction=True)
        completed = self.shop.state(SALE, sale_id).completed
        assert completed is not None
        lines: list[ReturnLine] = []
        for line, quantity in self.left_of(sale_id).items():
            coming = data.draw(st.integers(0 if lines else 1, quantity))
            stocked = completed.lines[line - 1].stocked
            wasted = data.draw(st.integers(0, coming)) if stocked else 0
            if coming:
                condition = "spoiled" if wasted else None
                lines.append(ReturnLine(line=line, quantity=coming, wasted=wasted, condition=condition))
        command = take_back(return_id=self.next_id("r"), sale_id=sale_id)
        command = msgspec.structs.replace(command, lines=tuple(lines))
        if data.draw(st.booleans()):
            return command
        asked = self.shop.decide(command, at(NOON)).result
        assert isinstance(asked, ReturnAnswer)
        chosen = chosen_refunds(self.shop.state(SALE, sale_id), asked.total_minor, data)
        return msgspec.structs.replace(command, chosen=chosen)

    def left_of(self, sale_id: str) -> dict[int, int]:
        sale = self.shop.state(SALE, sale_id)
        assert sale.completed is not None
        left = ((line.line, line.quantity - sale.returned.get(line.line, 0)) for line in sale.completed.lines)
        return {line: quantity for line, quantity in left if quantity}

    def something_left(self) -> bool:
        return any(self.left_of(sale.sale_id) for sale in self.shop.events(SaleCompleted))

    def hand_back(self, command: TakeBack) -> None:
        refunds = self.did(command).refunds
        assert all(refund.amount_minor + refund.rounding_minor >= 0 for refund in refunds)
        in_cash = handed_back(refunds)
        assert in_cash % UNIT == 0
        self.drawer -= in_cash

    @precondition(something_left)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        self.hand_back(self.something_back(data))

    @precondition(something_left)
    @rule(lines=BASKETS, likes=LIKES, data=st.data())
    def exchange(self, lines: list[tuple[str, int]], likes: list[str], data: st.DataObject) -> None:
        back = self.something_back(data)
        sale, total = self.basket(lines, data)
        apart = Shop(*self.shop.facts)
        apart.record(self.shop.decide(back, at(NOON)).events)
        returned = apart.events(ReturnRecorded)[-1]
        credit = sum(
            refund.amount_minor + refund.rounding_minor
            for refund in returned.refunds
            if refund.method not in OWN_TENDERS
        )
        if sale.points > apart.state(LOYALTY, "c1").spendable(NOON):
            sale = msgspec.structs.replace(sale, points=0)
            total = self.total_of(sale)
        tenders = self.own(total, likes, apart)
        if (due := total - worth(tenders) - credit) > 0:
            if "card" not in likes and (due := self.due_in_cash(total - worth(tenders), returned)) > 0:
                tenders.append(cash(due))
                self.drawer += due
            else:
                tenders.append(card(total - worth(tenders) - credit))
        command = Exchange(back=back, sale=msgspec.structs.replace(sale, tenders=tuple(tenders)))
        answer = self.did(command)
        assert isinstance(answer, ExchangeAnswer)
        self.drawer -= worth(tender for tender in answer.paid_out if tender.method == CASH)

    def due_in_cash(self, due: int, returned: ReturnRecorded) -> int:
        """What is to be handed over of it, besides what the return pays."""
        by_card = sum(
            refund.amount_minor for refund in returned.refunds if refund.method not in (CASH, *OWN_TENDERS)
        )
        in_cash = handed_back(returned.refunds)
        return half_up(due - by_card, UNIT) * UNIT - in_cash

    @rule()
    def next_shift(self) -> None:
        self.did(count(self.drawer))
        assert not self.did(close()).differences
        self.did(open_shift(self.drawer))

    def shifts(self) -> list[Shift | ShiftClosed]:
        shift = self.shop.state(TILL, "s1/till-1").shift
        assert shift is not None
        return [*self.shop.events(ShiftClosed), shift]

    @invariant()
    def the_drawer_holds_what_was_put_in(self) -> None:
        expected = {part.method: part.amount_minor for part in self.shifts()[-1].expected}
        assert expected[CASH] == self.drawer

    @invariant()
    def shifts_and_receipts_are_what_the_documents_say(self) -> None:
        sales, returns = self.shop.events(SaleCompleted), self.shop.events(ReturnRecorded)
        sold = sum(sale.total_minor for sale in sales) - sum(back.total_minor for back in returns)
        tax = sum(line.tax_minor for sale in sales for line in sale.lines)
        tax -= sum(line.tax_minor for back in returns for line in back.lines)
        rounded = sum(sale.cash_rounding.amount_minor for sale in sales if sale.cash_rounding)
        rounded -= sum(refund.rounding_minor for back in returns for refund in back.refunds)
        totals, shifts = self.shop.state(TILL, "s1/till-1").perpetual, self.shifts()
        assert totals.total_minor == sold == sum(shift.totals.total_minor for shift in shifts)
        assert sum(rate.tax_minor for rate in totals.taxes) == tax
        assert sum(shift.rounding_minor for shift in shifts) == rounded
        assert sum(shift.loaded_minor for shift in shifts) == self.loaded

    @invariant()
    def what_is_owed_is_what_was_loaded_less_what_it_paid(self) -> None:
        account = self.shop.state(GIFT_CARD, "g1")
        assert account.issued_minor == self.loaded
        assert account.balance_minor == self.loaded - self.paid_by(GIFT_CARD_TENDER)

    def paid_by(self, method: str) -> int:
        """Net of refunds."""
        paid = sum(
            tender.amount_minor
            for sale in self.shop.events(SaleCompleted)
            for tender in sale.tenders
            if tender.method == method
        )
        back = (refund for each in self.shop.events(ReturnRecorded) for refund in each.refunds)
        return paid - sum(refund.amount_minor for refund in back if refund.method == method)

    @invariant()
    def points_are_those_of_what_is_kept(self) -> None:
        if self.programme.rules:
            return  # what each line earns is a law of its own
        expected = POINTS_HELD
        for completed in self.shop.events(SaleCompleted):
            refunded = self.shop.state(SALE, completed.sale_id).refunded
            kept = completed.total_minor - sum(refunded)
            for tender, back in zip(completed.tenders, refunded, strict=True):
                if tender.method in (POINTS, UNCOVERED):
                    kept -= tender.amount_minor - back
            expected += self.programme.earned(kept)
        for spent in self.shop.events(PointsSpent):
            expected -= sum(lot.points for lot in spent.lots)
        for restored in self.shop.events(PointsRestored):
            expected += sum(lot.points for lot in restored.lots)
        assert self.shop.state(LOYALTY, "c1").balance == expected

    @invariant()
    def goods_are_on_the_shelf_with_customers_or_in_the_waste(self) -> None:
        gone = dict.fromkeys(RECEIVED, 0)
        for moved in self.shop.events(StockMoved):
            if moved.from_ is Place.SHELF:
                gone[moved.sku] += moved.quantity
            elif moved.from_ is Place.CUSTOMER and moved.to is Place.SHELF:
                gone[moved.sku] -= moved.quantity
        for sku, quantity in RECEIVED.items():
            assert self.shop.state(STOCK_ITEM, item_id(STORE_ID, sku)).on_hand == quantity - gone[sku]

    def teardown(self) -> None:
        """All that is left is undone: then nobody has gained or lost anything but what is on the card."""
        if not hasattr(self, "drawer"):
            return
        for sale in self.shop.events(SaleCompleted):
            if self.left_of(sale.sale_id):
                command = take_back(return_id=self.next_id("r"), sale_id=sale.sale_id)
                self.hand_back(msgspec.structs.replace(command, correction=True))
        methods = {tender.method for sale in self.shop.events(SaleCompleted) for tender in sale.tenders}
        assert sum(shift.rounding_minor for shift in self.shifts()) == 0
        takings = [part for shift in self.shifts() for part in shift.takings]
        assert sum(part.amount_minor for part in takings) == self.loaded
        assert all(
            not sum(part.amount_minor for part in takings if part.method == method)
            for method in methods - {CASH, "card"}
        )
        assert self.shop.state(TILL, "s1/till-1").perpetual.total_minor == 0
        assert self.shop.state(GIFT_CARD, "g1").balance_minor == self.loaded
        assert self.shop.state(LOYALTY, "c1").balance == POINTS_HELD


TestMoney = Money.TestCase
TestMoney.settings = settings(a_law, max_examples=80, stateful_step_count=20)
