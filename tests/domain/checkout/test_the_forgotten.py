"""Whoever was forgotten meets no decision any more: each sees them in the streams that it is made on."""

import importlib
import pkgutil
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest

import domain
from domain.aftercare.asking import AskToRecommend
from domain.care.touch import ReactionKind
from domain.care.wish import NoteWish, WithdrawWish
from domain.checkout.assign_order import SetCrewMember
from domain.checkout.coupon_reservation import ReserveCoupons
from domain.checkout.grant_credit import GrantCredit
from domain.checkout.outside_redemption import RedeemOutside
from domain.checkout.place_order import PlaceOrder
from domain.checkout.pricing import BasketLine
from domain.checkout.take_back_unlinked import TakeBackUnlinked, UnlinkedLine
from domain.customers.consent import GiveConsent, WithdrawConsent
from domain.customers.customer import ChangeCustomer, CustomerErased
from domain.customers.fields import SetCustomerFields
from domain.customers.forgetting import ExpireDetails, HoldCustomer, ReleaseCustomer
from domain.customers.merging import MergeCustomers, TellApart, UnmergeCustomers
from domain.customers.profile import RemoveAddress, SetAddress, SetProfile
from domain.customers.segments import SetSegments
from domain.kernel.command import Command
from domain.kernel.errors import Erased
from domain.leads.handling import OpenLead
from domain.outreach.note_reaction import NoteReaction
from domain.outreach.plan_care import PlanCare
from domain.outreach.send_care import NoteUndelivered, SendCare
from domain.promotions.targeting import TargetCustomers
from domain.sales.parked import ParkBasket, ParkedLine
from domain.service.handling import AssignComplaint, CommentComplaint
from domain.staff.crew import CrewMemberSet
from domain.staff.employee import EmployeeErased
from domain.staff.rating import RateEmployee
from domain.staff.score import Indicator
from domain.staff.target import Measure, SetTarget, Target
from tests.support.care import a_care_rule
from tests.support.commands import complain, issue, make_cards
from tests.support.decisions import NOON, given
from tests.support.facts import (
    STORE_ID,
    a_campaign,
    a_coupon,
    a_customer,
    a_store,
    an_employee,
    by_piece,
    check_out,
    sealed,
)

GONE = ("customer-c1", CustomerErased(customer_id="c1", reason="request"))
LEFT = ("employee-e1", EmployeeErased(employee_id="e1", reason="left"))
TEXT = sealed()
PUBLISHED = (a_store(), by_piece(), a_campaign(targeted=True), a_coupon("k1"), a_care_rule())

OF_CUSTOMERS: list[Command] = [
    check_out(customer_id="c1"),
    PlaceOrder(
        order_id="o1",
        store_id="s1",
        channel="web",
        customer_id="c1",
        lines=(BasketLine(sku="apple", quantity=1),),
        hold_s=60,
    ),
    ParkBasket(
        parked_id="p1",
        store_id="s1",
        register_id="t1",
        customer_id="c1",
        lines=(ParkedLine(sku="apple", quantity=1),),
    ),
    TakeBackUnlinked(
        return_id="r1",
        store_id="s1",
        register_id="t1",
        customer_id="c1",
        method="cash",
        because="no receipt",
        lines=(UnlinkedLine(sku="apple", quantity=1, refund_minor=100),),
    ),
    AskToRecommend(customer_id="c1", period="2026-03"),
    GrantCredit(customer_id="c1", currency="CNY", amount_minor=100, reason="delay"),
    make_cards("g1", customer_id="c1"),
    issue("k2", campaign_id="autumn", customer_id="c1"),
    TargetCustomers(campaign_id="autumn", customer_ids=("c1",)),
    MergeCustomers(customer_id="c1", other_id="c2"),
    UnmergeCustomers(customer_id="c1", other_id="c2"),
    TellApart(customer_id="c1", other_id="c2"),
    ReserveCoupons(
        coupon_ids=("k1",),
        customer_id="c1",
        reference="x",
        until=NOON + timedelta(hours=1),
    ),
    RedeemOutside(coupon_id="k1", customer_id="c1", sale_reference="x", amount_minor=100, currency="CNY"),
    complain(customer_id="c1"),
    ChangeCustomer(customer_id="c1", phone=TEXT),
    HoldCustomer(customer_id="c1", reason="lawsuit"),
    ReleaseCustomer(customer_id="c1", reason="lawsuit"),
    ExpireDetails(customer_id="c1", parts=("phone",)),
    GiveConsent(customer_id="c1", purpose="marketing", channel="sms", text_version="1"),
    WithdrawConsent(customer_id="c1", purpose="marketing", channel="sms"),
    SetSegments(customer_id="c1", segments=("vip",)),
    SetProfile(customer_id="c1", tags=("early-bird",)),
    SetAddress(customer_id="c1", place="home", address=TEXT),
    RemoveAddress(customer_id="c1", place="home"),
    PlanCare(rule_id="birthday", customer_id="c1", occasion="2026", day=NOON.date()),
    SendCare(rule_id="birthday", customer_id="c1", occasion="2026"),
    NoteUndelivered(rule_id="birthday", customer_id="c1", occasion="2026", cause="no address"),
    NoteReaction(rule_id="birthday", customer_id="c1", occasion="2026", kind=ReactionKind.OPENED),
    NoteWish(customer_id="c1", sku="apple"),
    WithdrawWish(customer_id="c1", sku="apple"),
    SetCustomerFields(customer_id="c1", removed=("size",)),
    OpenLead(lead_id="l1", customer_id="c1", store_id=STORE_ID, source="web"),
]

ALL_THE_SAME = {
    "EraseCustomer": "a repeat changes nothing",
    "LapsePoints": "what lapses is written off, whoever held it",
    "RecordSale": "it happened, and is recorded without the customer",
    "RegisterCustomer": "the id exists and is not given again",
    "ReviewTier": "a number of nobody's",
}


def commands() -> Iterator[type[Command]]:
    for module in pkgutil.walk_packages(domain.__path__, "domain."):
        importlib.import_module(module.name)
    waiting: list[type[Command]] = [Command]
    while waiting:
        found = waiting.pop()
        waiting += found.__subclasses__()
        yield found


@pytest.mark.parametrize("command", OF_CUSTOMERS, ids=lambda command: type(command).__name__)
def test_nothing_is_decided_for_a_customer_who_was_forgotten(command: Command) -> None:
    given(*PUBLISHED, a_customer(), GONE).when(command).refused(Erased, kind="customer", id="c1")


def test_every_command_that_names_a_customer_is_asked() -> None:
    naming = {
        command.__name__
        for command in commands()
        if {"customer_id", "customer_ids"} & {field.name for field in msgspec.structs.fields(command)}
    }
    assert naming == {type(command).__name__ for command in OF_CUSTOMERS} | ALL_THE_SAME.keys()


@pytest.mark.parametrize(
    "command",
    [
        AssignComplaint(case_id="q1", employee_id="e1"),
        CommentComplaint(case_id="q1", text=TEXT, employee_id="e1"),
        SetCrewMember(store_id="s1", employee_id="e1", capacity=1),
        SetTarget(
            target_id="t1",
            target=Target(
                first=NOON.date(), last=NOON.date(), measure=Measure.COUNT, goal=1, employee_id="e1"
            ),
        ),
        RateEmployee(
            scorecard_id="sales",
            period="2026-03",
            employee_id="e1",
            indicator=Indicator.ATTENDANCE,
            figure=1_000,
        ),
    ],
    ids=lambda command: type(command).__name__,
)
def test_no_work_is_given_to_an_employee_who_was_forgotten(command: Command) -> None:
    given(a_store(), an_employee(), LEFT).after(complain("q1")).when(command).refused(
        Erased, kind="employee", id="e1"
    )


def test_whoever_was_forgotten_can_be_taken_off_the_crew() -> None:
    idle = CrewMemberSet(store_id="s1", employee_id="e1", capacity=0)
    given(a_store(), an_employee(), LEFT).when(
        SetCrewMember(store_id="s1", employee_id="e1", capacity=0)
    ).then_events(idle)
