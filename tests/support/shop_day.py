"""Some weeks of a small chain, told by seed: the same seed tells the same commands, whatever the machine.

Everything that a journal can hold happens: two stores with and without tax in their prices, goods by piece
and by gram, a service, offers, coupons, returns with and without their sale, waste, counts and complaints.
Some commands are refused, as in life.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import NamedTuple

import msgspec

from domain.access.approval import Authority, GrantApproval
from domain.access.limits import Limits as PersonalLimits
from domain.access.limits import Operation
from domain.access.record import RecordAccess, RoleDefined
from domain.aftercare.amends import SettleCase
from domain.aftercare.asking import AskAboutResolution, AskToRecommend
from domain.aftercare.parts import CreditGiven
from domain.catalog.barcode import Measure, ScaleCode
from domain.catalog.barcodes import SetBarcodes, SetScales
from domain.catalog.price_list import NewPrice, PriceList, PublishPriceList, SetPrices
from domain.catalog.product import ChangeProduct
from domain.catalog.tax_rates import SetTaxRate
from domain.checkout.allocate_order import AllocateOrder
from domain.checkout.assign_order import AssignOrder, EndOrderWork, SetCrewMember
from domain.checkout.check_out import CheckOut
from domain.checkout.coupon_reservation import ReleaseCoupon, ReserveCoupons
from domain.checkout.coupon_return import RevokeCoupon
from domain.checkout.exchange import Exchange
from domain.checkout.grant_credit import GrantCredit
from domain.checkout.lines_back import ReturnLine
from domain.checkout.mark_down import EndMarkdown, MarkDown
from domain.checkout.place_order import Guest
from domain.checkout.take_back import TakeBack
from domain.checkout.take_back_unlinked import TakeBackUnlinked, UnlinkedLine
from domain.customers.belonging import FinishEvaluation, Move, MoveMembers
from domain.customers.measures import Seen
from domain.customers.rules import Between, Definition
from domain.customers.rules import Measure as Measured
from domain.customers.segment import DefineSegment
from domain.kernel.command import Command
from domain.kernel.errors import Refusal
from domain.kernel.event import Event
from domain.kernel.quantity import Unit
from domain.loyalty.points import LOYALTY
from domain.loyalty.programme import Programme, SetProgramme
from domain.loyalty.tiers import TierChanged, TierGraceGiven, TierKept
from domain.loyalty.upkeep import LapsePoints
from domain.orders.attending import AskAttention, Attend
from domain.orders.delivery import DeliverySet
from domain.orders.shipment import CarrierStatus, ShippedLine
from domain.orders.steps import DelayOrder, FailOrder, PickOrder, ReceiveOrder, ReportDamage, SetDelivery
from domain.privacy.retention import SetRetention
from domain.promotions.batch import IssueBatch, RevokeBatch
from domain.promotions.campaign import DiscountKind
from domain.promotions.offer import BuyGet, Limits, PercentOff, Target
from domain.promotions.targeting import TargetCustomers
from domain.purchasing.order import FromSuggestion
from domain.replenishment.demand import Demand
from domain.replenishment.levels import Shelf
from domain.replenishment.observed import ObservedDay, ObserveDemand
from domain.replenishment.ordering import Automatic, SetOrderingPolicy
from domain.replenishment.policy import MinMax, OrderUpTo
from domain.replenishment.policy import Policy as Replenishing
from domain.replenishment.suggesting import (
    DecideSuggestion,
    Look,
    MarkOrdered,
    OrderedSuggestion,
    SetReplenishmentPolicy,
    SuggestOrders,
)
from domain.sales.policy import Policy, SetReturnPolicy, Terms
from domain.sales.sale import GIFT_CARD_TENDER, POINTS, STORE_CREDIT, Tender
from domain.service.calendar import Calendar
from domain.service.handling import (
    AssignComplaint,
    CommentComplaint,
    PrioritiseComplaint,
    ReopenComplaint,
    ResolveComplaint,
)
from domain.service.referral import AcceptResolution, DisputeResolution, ReferCase, ReportReferral
from domain.service.survey import AnswerSurvey, id_of_csat, id_of_nps
from domain.service.survey_plan import Period, SetSurveyPlan, SurveyPlan
from domain.service.terms import EVERY_STORE, Priority, ServiceTerms, SetServiceTerms
from domain.service.waiting import RespondToCustomer, WaitForCustomer, WaitNoLonger
from domain.staff.employee import ChangeEmployee
from domain.stockroom.suggested_purchases import GatherSuggestions
from domain.stored_value.cards import BlockCard, ExpireValue
from domain.stores.store import ChangeStore
from infra.event_store.clerk import Clerk
from infra.event_store.submission import Answer
from tests.support.commands import (
    Happened,
    add_product,
    adjust,
    complain,
    credit_that_expired,
    hire,
    issue,
    load_card,
    make_cards,
    open_campaign,
    open_store,
    paid_by,
    points_that_lapsed,
    publish,
    receive,
    register,
    sell,
    waste,
)
from tests.support.facts import sealed, take_back
from tests.support.journals import origin
from tests.support.orders import cancel, pay, place, said, ship
from tests.support.shop_alerts import alerts
from tests.support.shop_care import care_for_customers
from tests.support.shop_counts import counting
from tests.support.shop_desk import desk
from tests.support.shop_freshness import near_their_end
from tests.support.shop_incentives import incentives
from tests.support.shop_leads import leads
from tests.support.shop_lots import lots_and_costs
from tests.support.shop_merges import merges
from tests.support.shop_people import known_people
from tests.support.shop_purchasing import buying
from tests.support.shop_shifts import shifts_begin, shifts_end
from tests.support.shop_staff import staff

BEGINNING = datetime(2026, 3, 20, 1, tzinfo=UTC)
STORES = ("s1", "s2")
PIECES = ("apple", "pear", "juice")
GRAMS = ("cherry", "nuts")
SERVICE = "wrapping"
EMPLOYEES = {"s1": ("e1", "e2"), "s2": ("e3", "e4")}
CUSTOMERS = tuple(f"c{number}" for number in range(1, 8))
BATCH = 25
FIRST_GUESTS = Definition(rule=Between(measure=Measured.PURCHASES, at_least=1))
PROGRAMME = Programme(currency="CNY", earn_points=1, earn_minor=100, redeem_points=1, redeem_minor=1, days=90)


class Told(NamedTuple):
    """A command, and when it happened at the till."""

    command: Command
    occurred_at: datetime


def shop_days(seed: int = 7, steps: int = 300) -> list[Told]:
    """The opening of the chain, then `steps` things that happen in it."""
    told = [*_opening(), *_Chain(Random(seed)).tell(steps)]
    end = max(each.occurred_at for each in told)
    return [*told, *(Told(*each) for each in shifts_end(end, BEGINNING + timedelta(hours=1)))]


async def live(clerk: Clerk, story: Sequence[Told]) -> int:
    """Has the clerk decide the story, many commands at a time; returns how many were refused."""
    refused = 0
    for first in range(0, len(story), BATCH):
        waiting = [
            clerk.submit(command, origin(occurred_at=at)) for command, at in story[first : first + BATCH]
        ]
        for outcome in await asyncio.gather(*waiting, return_exceptions=True):
            refused += isinstance(outcome, Refusal)
            assert isinstance(outcome, Answer | Refusal), outcome
    return refused


def _opening() -> Iterator[Told]:
    commands: list[Command] = [
        open_store("s1", day_starts_at_min=240),
        open_store("s2", time_zone="Europe/Belfast", prices_include_tax=False),
        ChangeStore(store_id="s2", time_zone="Europe/London"),
        add_product("apple", 350, tax_rate_bp=900),
        add_product("pear", 420, tax_rate_bp=900),
        add_product("juice", 1299, tax_rate_bp=1300, category="drinks"),
        add_product("cherry", 5980, unit=Unit.GRAM, tax_rate_bp=900),
        add_product("nuts", 8990, unit=Unit.GRAM, tax_rate_bp=1300, category="snacks"),
        add_product(SERVICE, 500, tax_rate_bp=600, category="services", stocked=False),
        *(hire(employee, store) for store, employees in EMPLOYEES.items() for employee in employees),
        *(register(customer) for customer in CUSTOMERS),
        *known_people(),
        open_campaign("tenth", kind=DiscountKind.PERCENT, value=1000, limit_per_customer=2),
        open_campaign("five", kind=DiscountKind.AMOUNT, value=500, limit_total=12),
        publish(
            "drinks",
            PercentOff(rate_bp=1_500),
            target=Target(categories=("drinks",)),
            limits=Limits(total_uses=40, customer_uses=3, budget_minor=20_000),
        ),
        publish("fruit", BuyGet(buy=2, get=1), target=Target(categories=("fruit",), skus=("apple",))),
        issue(*(f"t{number}" for number in range(40)), campaign_id="tenth"),
        issue(*(f"f{number}" for number in range(40)), campaign_id="five"),
        IssueBatch(batch_id="k7m2qx", campaign_id="five", count=1_000),
        *(
            ReserveCoupons(
                coupon_ids=(coupon,), reference="order-1", until=datetime.now(UTC) + timedelta(days=1)
            )
            for coupon in ("f0", "k7m2qx.7")
        ),
        ReleaseCoupon(coupon_id="f0", reference="order-1"),
        RevokeCoupon(coupon_id="k7m2qx.7", reason="copied"),
        IssueBatch(batch_id="k7m2qy", campaign_id="five", count=10),
        RevokeBatch(batch_id="k7m2qy", reason="lost"),
        open_campaign("back", restored_on_return=True),
        issue("b0", campaign_id="back"),
        sell((SERVICE, 1), sale_id="back-1", coupons=("b0",)),
        TakeBack(
            return_id="back-1",
            sale_id="back-1",
            register_id="till-1",
            lines=(ReturnLine(line=1, quantity=1),),
        ),
        issue("mine-c1", campaign_id="back", customer_id="c1"),
        sell((SERVICE, 1), sale_id="back-2", coupons=("mine-c1",), customer_id="c1"),
        TakeBack(
            return_id="back-2",
            sale_id="back-2",
            register_id="till-1",
            lines=(ReturnLine(line=1, quantity=1),),
        ),
        issue("mine-c2", campaign_id="back", customer_id="c2"),
        RevokeCoupon(coupon_id="mine-c2", reason="copied"),
        open_campaign("named", targeted=True),
        TargetCustomers(campaign_id="named", customer_ids=CUSTOMERS[:3]),
        *(issue(f"own-{customer}", campaign_id="five", customer_id=customer) for customer in CUSTOMERS),
        *(receive(*((sku, 80) for sku in PIECES), store_id=store) for store in STORES),
        *(
            receive(*((sku, 40_000) for sku in GRAMS), store_id=store, unit_cost_minor=3000)
            for store in STORES
        ),
    ]
    commands += [
        SetProgramme(programme=PROGRAMME),
        DefineSegment(segment_id="first-guests", definition=FIRST_GUESTS),
        *_first_guests(),
        SetServiceTerms(
            store_id=EVERY_STORE, terms=ServiceTerms(calendar=Calendar(time_zone="UTC", weekly=((),) * 7))
        ),
        *_a_disputed_case(),
        *_questions(),
        *care_for_customers(),
        *_stored_value(),
        SetReturnPolicy(policy=Policy(default=Terms(days=365))),
        SetRetention(periods_days={"phone": 730}),
        SetScales(layouts=(ScaleCode(prefix="21", measure=Measure.PRICE),)),
        SetBarcodes(sku="cherry", barcodes=("4006381333931",), scale_numbers=("2100123",)),
        PublishPriceList(
            price_list=PriceList(list_id="south", version=0, name="South", currency="CNY", stores=("s2",))
        ),
        SetTaxRate(category="fruit", valid_from=date(2026, 1, 1), rate_bp=900),
        SetPrices(
            list_id="south",
            prices=(NewPrice(sku="pear", price_minor=440), NewPrice(sku="cherry", price_minor=5500)),
        ),
        RecordAccess(id="role.cashier", event=RoleDefined(role="cashier")),
        GrantApproval(
            approval_id="a1",
            operation=Operation.REFUND,
            store_id="s1",
            target="x1",
            up_to=10_000,
            currency="CNY",
            authority=Authority(person="person:u1", limits=PersonalLimits(refund_minor=None)),
        ),
    ]
    commands += [*_marked_down(), *(command for command, _ in shifts_begin(BEGINNING))]
    commands += [*lots_and_costs(), *_orders(), *buying(), *counting(), *_replenishment(), *alerts()]
    commands += near_their_end()
    commands += leads()
    commands += desk()
    commands += staff()
    commands += incentives()
    commands += merges()
    return (Told(command, BEGINNING) for command in commands)


def _a_disputed_case() -> Iterator[Command]:
    """Urgent, answered late by a supplier; the customer disputes the answer, and accepts another."""
    text = sealed("Mouldy again.", "customer-c1")
    yield complain("disputed", customer_id="c1", store_id="s1")
    yield PrioritiseComplaint(case_id="disputed", priority=Priority.URGENT)
    yield ReferCase(case_id="disputed", to="supplier")
    yield ReportReferral(case_id="disputed", outcome="replaced", in_time=False)
    yield ResolveComplaint(case_id="disputed", text=text)
    yield DisputeResolution(case_id="disputed", text=text)
    yield ResolveComplaint(case_id="disputed", text=text)
    yield AcceptResolution(case_id="disputed")


def _questions() -> Iterator[Command]:
    """The customer of the disputed case is asked about its second resolution and about the shop."""
    yield SetSurveyPlan(plan=SurveyPlan(csat=True, csat_needs_consent=False, nps=Period.YEAR))
    yield AskAboutResolution(case_id="disputed", handed_over=True)
    text = sealed("At last.", "customer-c1")
    yield AnswerSurvey(survey_id=id_of_csat("disputed", 2), score=4, text=text)
    period = Period.YEAR.of(BEGINNING.date())
    yield AskToRecommend(customer_id="c1", period=period, handed_over=True)
    yield AnswerSurvey(survey_id=id_of_nps("c1", period), score=9)
    yield AskToRecommend(customer_id="c2", period=period, handed_over=True)
    yield complain("amended", customer_id="c2", store_id="s2", sku="pear")
    text = sealed("We are sorry.", "customer-c2")
    yield SettleCase(case_id="amended", text=text, credit=CreditGiven(currency="CNY", amount_minor=70))
    yield ReopenComplaint(case_id="amended", text=text)
    more = CreditGiven(currency="CNY", amount_minor=30)
    yield SettleCase(case_id="amended", text=text, credit=more, again=True)


def _orders() -> Iterator[Command]:
    """One that is received, one that was paid and given up, one that was not paid, and one that waits."""
    yield SetCrewMember(store_id="s1", employee_id="e1", capacity=1, skills=("cold",))
    yield place(("pear", 1), (SERVICE, 1), order_id="o1", customer_id="c1")
    yield AssignOrder(order_id="o1")
    yield pay(920)
    yield AllocateOrder(order_id="o1")
    yield PickOrder(order_id="o1")
    yield ship((1, 1))
    yield ship(shipment_id="p2")
    yield said(CarrierStatus.IN_TRANSIT)
    yield said(CarrierStatus.DELIVERED, minutes=5)
    yield ReceiveOrder(order_id="o1")
    yield place(("pear", 1), order_id="o2")
    yield AssignOrder(order_id="o2")
    yield pay(420, order_id="o2")
    yield cancel(order_id="o2", return_id="ro2")
    yield place(("juice", 1), order_id="o3", customer_id="c2")
    yield cancel(order_id="o3", return_id="ro3")
    yield place(("cherry", 500), order_id="o4", skills=("cold",))
    yield AssignOrder(order_id="o4")
    yield DelayOrder(order_id="o4", ship_by=BEGINNING + timedelta(days=1), cause="supplier late")
    yield place(("apple", 1), order_id="o5", store_id="s2")
    yield adjust("apple", -90, store_id="s2")
    yield pay(382, order_id="o5")
    yield AllocateOrder(order_id="o5")
    yield adjust("apple", 90, store_id="s2")
    yield AllocateOrder(order_id="o5")
    yield PickOrder(order_id="o5")
    yield ship(order_id="o5")
    yield ReportDamage(order_id="o5", lines=(ShippedLine(line=1, quantity=1),), cause="crushed")
    yield FailOrder(order_id="o5", cause="lost")
    yield EndOrderWork(order_id="o1")
    delivery = DeliverySet(order_id="o6", address=sealed("Via Roma 1", "customer-g1"))
    guest = Guest(customer_id="g1", phone=sealed("+86", "customer-g1"))
    yield place(("pear", 1), order_id="o6", guest=guest, delivery=delivery)
    yield SetDelivery(order_id="o6", pick_up=True)
    yield AskAttention(order_id="o6", matter="call", about="remind_to_pay", cause="no address")
    yield AskAttention(order_id="o6", matter="carrier", about="p1", cause="no json")
    yield Attend(order_id="o6", matter="call", about="remind_to_pay")
    yield take_back((1, 1), return_id="r-o1", sale_id="o1")


def _replenishment() -> Iterator[Command]:
    """Items whose suggestion is ordered, dismissed and left waiting, and demand that was seen elsewhere."""
    by_demand = Replenishing(rule=OrderUpTo(service_level_bp=9_500), supplier_id="orchard")
    by_hand = Replenishing(rule=MinMax(minimum=100, maximum=200), pack=12)
    for sku, policy in (("apple", by_demand), ("pear", by_hand), ("juice", by_hand)):
        yield SetReplenishmentPolicy(store_id="s1", sku=sku, policy=policy)
    demand = Demand(mean_milli=12_000, deviation_milli=4_000, days=56, censored_days=3)
    looks = tuple(Look(sku=sku, shelf=Shelf(on_hand=4), demand=demand) for sku in ("apple", "pear", "juice"))
    yield SuggestOrders(store_id="s1", day=BEGINNING.date(), looks=looks)
    yield DecideSuggestion(store_id="s1", sku="apple", number=1, quantity=30, reason="fair")
    yield MarkOrdered(
        store_id="s1", suggestions=(OrderedSuggestion(sku="apple", number=1),), reference="purchase-p1"
    )
    for supplier_id, automatic in (("bees", Automatic.OPEN), ("hive", Automatic.ACCEPTED)):
        yield SetOrderingPolicy(store_id="s1", supplier_id=supplier_id, automatic=automatic)
    bought = Replenishing(rule=MinMax(minimum=1_000, maximum=2_000), supplier_id="bees")
    yield SetReplenishmentPolicy(store_id="s1", sku="honey", policy=bought)
    looks = (Look(sku="honey", shelf=Shelf()),)
    yield SuggestOrders(store_id="s1", day=BEGINNING.date(), looks=looks)
    wanted = (FromSuggestion(sku="honey", number=1),)
    yield GatherSuggestions(purchase_id="gathered", store_id="s1", supplier_id="bees", suggestions=wanted)
    yield DecideSuggestion(store_id="s1", sku="pear", number=1, quantity=0, reason="season is over")
    yield SetReplenishmentPolicy(store_id="s1", sku="pear", policy=None)
    first, second = BEGINNING.date(), BEGINNING.date() + timedelta(days=1)
    days = (
        ObservedDay(day=first, sold_milli=1_500, out=0b11, by_hour_milli=(0,) * 23 + (1_500,)),
        ObservedDay(day=second, sold_milli=0),
    )
    yield ObserveDemand(source="elsewhere", store_id="15", sku="4", days=days)


def _marked_down() -> Iterator[Command]:
    """Half price for three pears of a lot: two are sold, one of them comes back, and then it is over."""
    yield MarkDown(
        code="pear-half",
        store_id="s1",
        sku="pear",
        lot="l-17",
        labels=3,
        off_bp=5_000,
        reason="near expiry",
        until=BEGINNING + timedelta(days=36_500),
    )
    labelled = sell(("pear", 2), sale_id="labelled")
    marked = tuple(msgspec.structs.replace(line, label="pear-half") for line in labelled.lines)
    yield msgspec.structs.replace(labelled, lines=marked)
    yield take_back((1, 1), return_id="r-labelled", sale_id="labelled")
    yield EndMarkdown(store_id="s1", label="pear-half")


def _first_guests() -> Iterator[Command]:
    """One comes to belong to a segment and leaves it, another stays."""
    day = date(2026, 1, 1)
    for enters, customers in ((True, CUSTOMERS[:2]), (False, CUSTOMERS[:1])):
        moves = tuple(
            Move(customer_id=one, enters=enters, reason=(Seen(name="purchases", value=1),))
            for one in customers
        )
        yield MoveMembers(segment_id="first-guests", version=1, as_of=day, moves=moves)
    yield FinishEvaluation(segment_id="first-guests", version=1, as_of=day, members=1)
    yield DefineSegment(segment_id="nobodys", definition=msgspec.structs.replace(FIRST_GUESTS, active=False))
    yield FinishEvaluation(segment_id="nobodys", version=1, as_of=day, members=0)


def _stored_value() -> Iterator[Command]:
    """A card that is loaded, spent, blocked and unblocked; credit that is spent, given back and expires."""
    yield make_cards("g1", "g2", valid_days=365)
    yield make_cards("g3", customer_id="c1")
    yield load_card("g1", 5_000)
    yield load_card("g3", 2_000)
    for customer in CUSTOMERS[:3]:
        yield GrantCredit(customer_id=customer, currency="CNY", amount_minor=900, reason="goodwill")
    by_card = Tender(method=GIFT_CARD_TENDER, amount_minor=350, reference="g1")
    by_credit = Tender(method=STORE_CREDIT, amount_minor=350)
    yield paid_by(by_card, sell(("apple", 1), sale_id="by-card"))
    yield paid_by(by_credit, sell(("apple", 1), sale_id="by-credit", customer_id="c1"))
    yield take_back((1, 1), return_id="r-by-credit", sale_id="by-credit")
    yield sell(("juice", 40), sale_id="earning", customer_id="c6")
    by_points = Tender(method=POINTS, amount_minor=350)
    yield paid_by(by_points, sell(("apple", 1), sale_id="by-points", customer_id="c6"))
    yield take_back((1, 1), return_id="r-by-points", sale_id="by-points")
    yield BlockCard(card_id="g1", blocked=True, reason="lost")
    yield BlockCard(card_id="g1", blocked=False, reason="found")
    lapsed = (credit_that_expired("c4", 300), points_that_lapsed("c4", 30))
    yield Happened(facts=(*lapsed, *_tiers("c4"), *_tiers("c5")))
    yield ExpireValue(account="credit-c4")
    yield LapsePoints(customer_id="c4")


def _tiers(customer_id: str) -> Iterator[tuple[str, Event]]:
    """Years of a member."""
    for event in (
        TierGraceGiven(customer_id=customer_id, tier="gold", until=BEGINNING, qualifying_minor=1),
        TierKept(customer_id=customer_id, tier="gold", qualifying_minor=100_000),
        TierChanged(
            customer_id=customer_id, tier="silver", before="gold", reason="reviewed", qualifying_minor=1
        ),
    ):
        yield LOYALTY.stream(customer_id), event


class _Chain:
    """What the narrator remembers: enough to return what was sold and to reopen what was resolved."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._coupons = [f"{letter}{number}" for letter in "tf" for number in range(40)]
        self._sales: list[CheckOut] = []
        self._cases: list[str] = []
        self._number = 0

    def tell(self, steps: int) -> Iterator[Told]:
        happenings: list[Callable[[], Command]] = [
            *[self._sale] * 12,
            *[self._return] * 3,
            self._exchange,
            *[self._case_goes_on] * 4,
            self._complaint,
            self._unlinked_return,
            self._delivery,
            self._waste,
            self._count,
            self._change,
        ]
        now = BEGINNING
        for _ in range(steps):
            now += timedelta(minutes=self._random.randint(1, 120))
            # A till that was offline sends its sales later.
            late = timedelta(hours=self._random.choice((0, 0, 0, 0, 7)))
            yield Told(self._random.choice(happenings)(), now - late)

    def _next(self, prefix: str) -> str:
        self._number += 1
        return f"{prefix}{self._number}"

    def _store(self) -> str:
        return self._random.choice(STORES)

    def _line(self) -> tuple[str, int]:
        sku = self._random.choice((*PIECES, *GRAMS, SERVICE))
        return sku, self._random.randint(50, 1800) if sku in GRAMS else self._random.randint(1, 4)

    def _sale(self) -> Command:
        store_id, random = self._store(), self._random
        coupons = tuple(random.sample(self._coupons, random.choice((0, 0, 1, 2))))
        customer = random.choice((None, *CUSTOMERS))
        if customer is not None and random.random() < 0.1:
            coupons = (*coupons, f"own-{customer}")
        sale = sell(
            *(self._line() for _ in range(random.randint(1, 5))),
            sale_id=self._next("x"),
            coupons=coupons,
            store_id=store_id,
            register_id=random.choice(("till-1", "till-2")),
            customer_id=customer,
            employee_id=random.choice((None, *EMPLOYEES[store_id])),
        )
        self._sales.append(sale)
        return sale

    def _return(self) -> Command:
        if not self._sales:
            return self._sale()
        sale = self._random.choice(self._sales)
        numbers = self._random.sample(range(1, len(sale.lines) + 1), self._random.randint(1, len(sale.lines)))
        return TakeBack(
            return_id=self._next("r"),
            sale_id=sale.sale_id,
            register_id=sale.register_id,
            lines=tuple(
                self._line_back(number, self._random.randint(1, sale.lines[number - 1].quantity))
                for number in numbers
            ),
            reason=sealed("Too ripe.", f"sale-{sale.sale_id}"),
        )

    def _line_back(self, number: int, quantity: int) -> ReturnLine:
        """Now and then something comes back that nobody would buy."""
        if self._random.random() < 0.8:
            return ReturnLine(line=number, quantity=quantity)
        wasted = self._random.randint(1, quantity)
        return ReturnLine(line=number, quantity=quantity, wasted=wasted, condition="spoiled")

    def _exchange(self) -> Command:
        back = self._return()
        if not isinstance(back, TakeBack):
            return back
        store_id = next(sale.store_id for sale in self._sales if sale.sale_id == back.sale_id)
        sale = sell(self._line(), sale_id=self._next("x"), store_id=store_id)
        self._sales.append(sale)
        return Exchange(back=back, sale=sale)

    def _unlinked_return(self) -> Command:
        sku, quantity = self._line()
        return TakeBackUnlinked(
            return_id=self._next("r"),
            store_id=self._store(),
            register_id="till-1",
            customer_id=self._random.choice((None, *CUSTOMERS)),
            lines=(UnlinkedLine(sku=sku, quantity=quantity, refund_minor=self._random.randint(0, 2000)),),
            method="cash",
            because="no earlier sale",
        )

    def _delivery(self) -> Command:
        lines = [(sku, self._random.randint(5, 40)) for sku in self._random.sample(PIECES, 2)]
        return receive(*lines, store_id=self._store(), unit_cost_minor=self._random.randint(150, 300))

    def _waste(self) -> Command:
        return waste(self._random.choice(PIECES), self._random.randint(1, 5), store_id=self._store())

    def _count(self) -> Command:
        return adjust(
            self._random.choice(GRAMS), self._random.choice((-700, -20, 35)), store_id=self._store()
        )

    def _complaint(self) -> Command:
        about: dict[str, str] = {"store_id": self._store()}
        if self._sales and self._random.random() < 0.5:
            about["sale_id"] = self._random.choice(self._sales).sale_id
        if self._random.random() < 0.7:
            about["customer_id"] = self._random.choice(CUSTOMERS)
        self._cases.append(self._next("case"))
        return complain(self._cases[-1], **about)

    def _case_goes_on(self) -> Command:
        if not self._cases:
            return self._complaint()
        case_id = self._random.choice(self._cases)
        text = sealed("We called back.", f"complaint-{case_id}")
        employee = self._random.choice((*EMPLOYEES["s1"], *EMPLOYEES["s2"]))
        return self._random.choice(
            (
                AssignComplaint(case_id=case_id, employee_id=employee),
                CommentComplaint(case_id=case_id, text=text, employee_id=employee),
                RespondToCustomer(case_id=case_id, text=text, employee_id=employee),
                WaitForCustomer(case_id=case_id, reason="photo"),
                WaitNoLonger(case_id=case_id),
                ResolveComplaint(case_id=case_id, text=text),
                ReopenComplaint(case_id=case_id, text=text),
            )
        )

    def _change(self) -> Command:
        """A new category or another store: what was sold before stays where it was counted."""
        if self._random.random() < 0.5:
            return ChangeProduct(sku="juice", category=self._random.choice(("drinks", "fruit")))
        return ChangeEmployee(employee_id="e2", store_id=self._store())
