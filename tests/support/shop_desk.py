"""The work of the desk, told as part of the shop's weeks: see tests/support/shop_day."""

from collections.abc import Iterator
from datetime import UTC, datetime

from domain.checkout.assign_case import SetCrewAbsence
from domain.kernel.command import Command
from domain.service.answers import CannedText, RetireAnswer, SetAnswer
from domain.service.case import LevelPassed
from domain.service.contact import SetServiceContact
from domain.service.desk import EscalationLevel
from domain.service.escalation import Crossing, EscalateCase
from domain.service.kinds import ClockKind
from tests.support.commands import complain
from tests.support.facts import sealed


def desk() -> Iterator[Command]:
    """A case that nobody answered, and an employee who hears of it."""
    yield SetServiceContact(employee_id="e1", email=sealed("e1@shop.example", "employee-e1"))
    yield SetAnswer(answer_id="sorry", answer=CannedText(language="en", text="Sorry, {customer_name}."))
    yield SetAnswer(answer_id="thanks", answer=CannedText(language="en", text="Thank you for {case_id}."))
    yield RetireAnswer(answer_id="thanks")
    yield complain("unanswered", customer_id="c1", store_id="s1")
    passed = Crossing(
        passed=LevelPassed(ClockKind.SOLUTION, 1, 1),
        to=EscalationLevel(percent=50, employee_id="e1", reassigns=True),
        at=datetime(2026, 3, 21, 9, tzinfo=UTC),
    )
    yield SetCrewAbsence(store_id="s1", employee_id="e1", away=True)
    yield SetCrewAbsence(store_id="s1", employee_id="e1", away=False)
    yield EscalateCase(case_id="unanswered", version=1, passed=(passed,))
