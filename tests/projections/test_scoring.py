"""What people are scored by is what was known as of the close; later facts correct it in the next cycle."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from random import Random

import msgspec
import pytest

from domain.customers.customer import RegisterCustomer
from domain.leads.handling import LoseLead, OpenLead, ReopenLead, WinLead
from domain.service.survey import AnswerSurvey, SurveyKind, SurveySent
from domain.staff.cycle import CloseCycle, OpenCycle
from domain.staff.figures import Correction, Facts, added
from domain.staff.period import shifted
from domain.staff.rating import RateEmployee
from domain.staff.score import Indicator, Part
from domain.staff.scorecard import Scorecard, SetScorecard
from projections.staff_scores.cycles import ScoreCycle
from projections.staff_scores.days import STAFF_DAYS
from projections.staff_scores.fold import StaffScores
from projections.staff_scores.scoring import Person, cycles_due, people_of
from tests.support.commands import complain
from tests.support.diary import Diary
from tests.support.facts import a_store, an_employee, by_piece, cash, check_out, take_back
from tests.support.journals import connected, run
from tests.support.postgres import Database, Tenant, new_tenant
from tests.support.read_models import fold_in_memory

CARD = Scorecard(
    currency="CNY",
    parts=(
        Part(indicator=Indicator.SALES, weight=50, nothing_at=0, full_at=10_000, cap_milli=5_000),
        Part(indicator=Indicator.ATTITUDE, weight=50, nothing_at=0, full_at=1_000, cap_milli=5_000),
    ),
)


def day(month: int, number: int) -> datetime:
    return datetime(2026, month, number, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def tenant(database: Database) -> Tenant:
    return new_tenant(database, "test_scoring")


def sold(diary: Diary, recorded_at: datetime, occurred_at: datetime | None = None, pieces: int = 1) -> None:
    """e1 sells so many at 1.00, perhaps told late."""
    sale_id = f"x{len(diary.entries)}"
    command = check_out(
        ("apple", pieces), tenders=(cash(10_000),), sale_id=sale_id, employee_id="e1", register_id="t1"
    )
    diary.do(recorded_at, command, occurred_at=occurred_at)


def cycle(diary: Diary, period: str) -> None:
    diary.do(day(6, 1), OpenCycle(scorecard_id="sales", period=period))


def shut(diary: Diary, period: str, at: datetime) -> None:
    diary.do(at, CloseCycle(scorecard_id="sales", period=period))


def begun() -> Diary:
    diary = Diary()
    diary.note(day(1, 1), a_store("s1", time_zone="UTC"), by_piece("apple", 100), an_employee())
    diary.do(day(1, 1), SetScorecard(scorecard_id="sales", card=CARD))
    return diary


def people(tenant: Tenant, diary: Diary) -> Mapping[str, list[Person]]:
    """By period, of all cycles that are closed."""

    async def read() -> dict[str, list[Person]]:
        await diary.write(tenant, (StaffScores(),))
        async with connected(tenant) as connection:
            due: list[ScoreCycle] = await cycles_due(connection)
            return {one.period: await people_of(connection, one) for one in due}

    return run(read())


def facts(pieces: int, sales: int = 1) -> Facts:
    return Facts(sales=sales, sold_minor=100 * pieces, revenue_minor=100 * pieces)


def late(period: str, of: date, pieces: int) -> Correction:
    return Correction(period=period, store_id="s1", business_day=of, facts=facts(pieces))


def test_a_late_sale_counts_in_the_open_cycle_and_names_the_day_that_it_corrects(tenant: Tenant) -> None:
    diary = begun()
    cycle(diary, "2026-07")
    sold(diary, day(7, 10), pieces=5)
    sold(diary, day(8, 1), occurred_at=day(7, 31), pieces=2)
    shut(diary, "2026-07", day(8, 3))
    cycle(diary, "2026-08")
    sold(diary, day(8, 3), occurred_at=day(7, 30), pieces=3)
    sold(diary, day(8, 20), pieces=7)
    shut(diary, "2026-08", day(9, 2))

    found = people(tenant, diary)

    assert found["2026-07"] == [Person(employee_id="e1", facts=facts(7, sales=2))]
    correction = late("2026-07", date(2026, 7, 30), 3)
    assert found["2026-08"] == [Person(employee_id="e1", facts=facts(7), corrections=(correction,))]


def test_what_is_later_still_counts_once_and_in_the_cycle_that_is_open_then(tenant: Tenant) -> None:
    diary = begun()
    for number, period in enumerate(("2026-07", "2026-08", "2026-09"), start=8):
        cycle(diary, period)
        sold(diary, day(number, 15), occurred_at=day(7, 1), pieces=number)
        shut(diary, period, day(number + 1, 2))
    sold(diary, day(12, 1), occurred_at=day(6, 1), pieces=1)

    found = people(tenant, diary)

    assert found["2026-07"] == [Person(employee_id="e1", facts=facts(8))]
    for number, period in ((9, "2026-08"), (10, "2026-09")):
        (person,) = found[period]
        assert person == Person(
            employee_id="e1", facts=Facts(), corrections=(late("2026-07", date(2026, 7, 1), number),)
        )


def test_a_closed_cycle_says_the_same_whatever_comes_later(tenant: Tenant) -> None:
    diary = begun()
    cycle(diary, "2026-07")
    sold(diary, day(7, 10), pieces=5)
    shut(diary, "2026-07", day(8, 3))
    before = people(tenant, diary)
    sold(diary, day(8, 3), occurred_at=day(7, 11))
    sold(diary, day(9, 1), occurred_at=day(7, 12))

    assert people(tenant, diary) == before


def test_what_was_before_the_first_cycle_corrects_nothing(tenant: Tenant) -> None:
    diary = begun()
    cycle(diary, "2026-07")
    shut(diary, "2026-07", day(8, 3))
    cycle(diary, "2026-08")
    sold(diary, day(8, 10), occurred_at=day(6, 30))
    shut(diary, "2026-08", day(9, 3))

    assert people(tenant, diary)["2026-08"] == []


def test_who_was_rated_is_scored_without_a_sale(tenant: Tenant) -> None:
    diary = begun()
    cycle(diary, "2026-07")
    rate = RateEmployee(
        scorecard_id="sales", period="2026-07", employee_id="e1", indicator=Indicator.ATTITUDE, figure=800
    )
    diary.do(day(7, 20), rate)
    shut(diary, "2026-07", day(8, 3))

    assert people(tenant, diary)["2026-07"] == [Person(employee_id="e1", facts=Facts())]


def test_trade_in_another_currency_does_not_count_and_a_complaint_there_does(tenant: Tenant) -> None:
    diary = begun()
    diary.note(day(1, 1), a_store("s2", currency="EUR", time_zone="UTC"), by_piece("soap", 5, currency="EUR"))
    cycle(diary, "2026-07")
    euros = check_out(("soap", 1), tenders=(cash(10_000),), sale_id="euro", employee_id="e1")
    diary.do(day(7, 9), msgspec.structs.replace(euros, store_id="s2"))
    diary.do(day(7, 9), complain("q1", store_id="s2", about_employee_id="e1"))
    sold(diary, day(7, 10), pieces=5)
    shut(diary, "2026-07", day(8, 3))

    expected = msgspec.structs.replace(facts(5), complaints=1)
    assert people(tenant, diary)["2026-07"] == [Person(employee_id="e1", facts=expected)]


def asked(diary: Diary, survey_id: str) -> None:
    """What e1 resolved is asked about, of a customer whom the case does not name."""
    sent = SurveySent(
        survey_id=survey_id,
        kind=SurveyKind.CSAT,
        expires_at=day(12, 31),
        case_id="q1",
        resolution=1,
        employee_id="e1",
        store_id="s1",
    )
    diary.note(day(6, 1), (f"survey-{survey_id}", sent))


def test_what_customers_say_counts_on_its_day_and_told_late_it_corrects(tenant: Tenant) -> None:
    diary = begun()
    for survey_id in ("v1", "v2", "v3"):
        asked(diary, survey_id)
    cycle(diary, "2026-07")
    diary.do(day(7, 10), AnswerSurvey(survey_id="v1", score=4))
    shut(diary, "2026-07", day(8, 3))
    cycle(diary, "2026-08")
    diary.do(day(8, 4), AnswerSurvey(survey_id="v2", score=1), occurred_at=day(7, 31))
    diary.do(day(8, 5), AnswerSurvey(survey_id="v3", score=5))
    shut(diary, "2026-08", day(9, 2))

    found = people(tenant, diary)

    assert found["2026-07"] == [Person(employee_id="e1", facts=Facts(csat_answers=1, csat_points=4))]
    late_answer = Facts(csat_answers=1, csat_points=1)
    correction = Correction(
        period="2026-07", store_id="s1", business_day=date(2026, 7, 31), facts=late_answer
    )
    assert found["2026-08"] == [
        Person(employee_id="e1", facts=Facts(csat_answers=1, csat_points=5), corrections=(correction,))
    ]


def test_a_lead_counts_for_whoever_had_it_when_it_ended_and_taken_up_later_it_takes_back(
    tenant: Tenant,
) -> None:
    diary = begun()
    diary.do(day(6, 1), RegisterCustomer(customer_id="c1"))
    for lead_id in ("l1", "l2", "l3"):
        lead = OpenLead(lead_id=lead_id, customer_id="c1", store_id="s1", source="web", employee_id="e1")
        diary.do(day(6, 1), lead)
    cycle(diary, "2026-07")
    diary.do(day(7, 10), WinLead(lead_id="l1"), LoseLead(lead_id="l2", reason="price"))
    shut(diary, "2026-07", day(8, 3))
    cycle(diary, "2026-08")
    diary.do(day(8, 4), ReopenLead(lead_id="l1"))
    diary.do(day(8, 5), WinLead(lead_id="l3"))
    shut(diary, "2026-08", day(9, 2))

    found = people(tenant, diary)

    assert found["2026-07"] == [Person(employee_id="e1", facts=Facts(leads_ended=2, leads_won=1))]
    assert found["2026-08"] == [Person(employee_id="e1", facts=Facts())], "one more and one less"


@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_late_is_counted_once_and_nothing_is_lost(tenant: Tenant, seed: int) -> None:
    """Sales and returns of five months, some told weeks later; a cycle is closed some days after its end."""
    random, diary = Random(seed), begun()
    cuts = {"2026-07": day(8, 3), "2026-08": day(9, 11), "2026-09": day(10, 2), "2026-10": day(11, 30)}
    cycle(diary, "2026-07")
    waiting = dict(cuts)
    sales: list[str] = []
    for recorded_at in sorted(day(7, 1) + timedelta(days=random.randrange(160)) for _ in range(60)):
        for period in [one for one, cut in waiting.items() if cut <= recorded_at]:
            shut(diary, period, waiting.pop(period))
            cycle(diary, shifted(period, 1))
        if sales and random.random() < 0.3:
            back = take_back((1, 1), return_id=f"r{len(diary.entries)}", sale_id=sales.pop())
            diary.do(recorded_at, back)
        else:
            occurred_at = max(recorded_at - timedelta(days=random.choice((0, 0, 1, 9, 40))), day(7, 1))
            sales.append(f"x{len(diary.entries)}")
            sold(diary, recorded_at, occurred_at=occurred_at, pieces=random.randrange(1, 9))
    for period, cut in waiting.items():
        shut(diary, period, cut)
        cycle(diary, shifted(period, 1))

    told = [
        one
        for persons in people(tenant, diary).values()
        for person in persons
        for one in (person.facts, *(correction.facts for correction in person.corrections))
    ]

    rows = fold_in_memory(StaffScores(), diary.entries)[STAFF_DAYS].values()
    known = [row for row in rows if row.recorded_on < cuts["2026-10"].date() and row.business_day.month <= 10]
    names = Facts.__struct_fields__
    assert added(told) == added(Facts(**{name: getattr(row, name) for name in names}) for row in known)
