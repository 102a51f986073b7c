"""staff_days: what everybody did on a day adds up to what the store sold, and late facts stand apart."""

from collections import Counter
from datetime import UTC, date, datetime

import msgspec

from domain.kernel.event import AnyRecorded
from domain.leads.lead import LeadLost, LeadReopened, LeadStage, LeadWon
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import Attribution, SaleCompleted
from domain.service.survey import SurveyAnswered, SurveyKind
from projections.lead_board.fold import LEAD_BOARD, LeadBoard
from projections.sales_report.fold import SALES_REPORT, SalesReport
from projections.staff_scores.days import NOBODY, STAFF_DAYS, StaffDay
from projections.staff_scores.fold import StaffScores
from tests.support.read_models import entry_of, fold_in_memory


def days_of(entries: list[AnyRecorded]) -> list[StaffDay]:
    return list(fold_in_memory(StaffScores(), entries)[STAFF_DAYS].values())


def shared(entry: AnyRecorded, *shares: int) -> AnyRecorded:
    """The same, of as many employees."""
    attributions = tuple(Attribution(employee_id=f"e{n}", share_bp=share) for n, share in enumerate(shares))
    return msgspec.structs.replace(entry, data=msgspec.structs.replace(entry.data, attributions=attributions))


def a_sale(journal: list[AnyRecorded]) -> AnyRecorded:
    return next(entry for entry in journal if isinstance(entry.data, SaleCompleted) and entry.data.lines[2:])


def test_the_days_of_staff_add_up_to_the_sales_report(journal: list[AnyRecorded]) -> None:
    """By store and day: what was paid without what came back, and what it had cost."""
    staff, report = Counter[tuple[str, date, str]](), Counter[tuple[str, date, str]]()
    for day in days_of(journal):
        staff[day.store_id, day.business_day, "net"] += day.sold_minor - day.returned_minor
        staff[day.store_id, day.business_day, "cost"] += day.cost_minor
    for row in fold_in_memory(SalesReport(), journal)[SALES_REPORT].values():
        report[row.store_id, row.business_day, "net"] += row.net_minor
        report[row.store_id, row.business_day, "cost"] += row.cost_minor

    assert +staff == +report
    assert any(isinstance(entry.data, ReturnRecorded) for entry in journal)


def test_what_is_shared_loses_nothing_and_the_rest_is_nobodys(journal: list[AnyRecorded]) -> None:
    sale = a_sale(journal)
    (whole,) = days_of([shared(sale, 10_000)])
    for shares in ((3_333, 3_333), (5_000, 5_000)):
        days = days_of([shared(sale, *shares)])
        for name in ("sold_minor", "revenue_minor", "cost_minor", "units"):
            assert sum(getattr(day, name) for day in days) == getattr(whole, name), name
        assert {day.sales for day in days} == {1}
        assert (NOBODY in {day.employee_id for day in days}) == (sum(shares) < 10_000)


def test_what_is_recorded_on_another_day_has_a_row_of_its_own(journal: list[AnyRecorded]) -> None:
    sale = a_sale(journal)
    late = msgspec.structs.replace(sale, recorded_at=datetime(2199, 1, 2, tzinfo=UTC))

    days = days_of([sale, late])

    assert [day.recorded_on for day in days] == [sale.recorded_at.date(), date(2199, 1, 2)]
    assert days[0].sold_minor == days[1].sold_minor


def test_a_complaint_is_about_whom_it_names(journal: list[AnyRecorded]) -> None:
    assert {day.employee_id: day.complaints for day in days_of(journal) if day.complaints} == {"e1": 1}


def test_an_answer_counts_for_whose_resolution_it_is_about_and_one_about_the_shop_for_nobody() -> None:
    answers = [
        SurveyAnswered(survey_id="v1", kind=SurveyKind.CSAT, score=4, employee_id="e1", store_id="s1"),
        SurveyAnswered(survey_id="v2", kind=SurveyKind.CSAT, score=1, employee_id="e1", store_id="s1"),
        SurveyAnswered(survey_id="v3", kind=SurveyKind.CSAT, score=5, store_id="s1"),
        SurveyAnswered(survey_id="v4", kind=SurveyKind.NPS, score=10, customer_id="c1"),
    ]

    days = days_of([entry_of(answer, position) for position, answer in enumerate(answers, start=1)])

    assert {day.employee_id: (day.csat_answers, day.csat_points) for day in days} == {
        "e1": (2, 5),
        NOBODY: (1, 5),
    }


def test_the_days_of_staff_add_up_to_how_leads_stand(journal: list[AnyRecorded]) -> None:
    """However often they ended and were taken up again."""
    stages = Counter(row.stage for row in fold_in_memory(LeadBoard(), journal)[LEAD_BOARD].values())
    days = days_of(journal)

    assert sum(day.leads_won for day in days) == stages["won"] > 0
    assert sum(day.leads_ended for day in days) == stages["won"] + stages["lost"]
    assert any(isinstance(entry.data, LeadReopened) for entry in journal)


def test_a_lead_that_is_taken_up_again_takes_back_what_its_end_counted() -> None:
    whose = {"lead_id": "l1", "employee_id": "e1", "store_id": "s1"}
    ends = [
        LeadWon(**whose),
        LeadReopened(ended=LeadStage.WON, **whose),
        LeadLost(reason="price", **whose),
        LeadReopened(ended=LeadStage.LOST, **whose),
        LeadWon(**whose),
    ]
    after = [days_of([entry_of(end, 1) for end in ends[:number]]) for number in range(1, 6)]

    assert [(day.leads_ended, day.leads_won) for (day,) in after] == [(1, 1), (0, 0), (1, 0), (0, 0), (1, 1)]
