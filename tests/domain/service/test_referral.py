"""Cases that others answer, and what customers say of resolutions."""

from domain.service.case import (
    CaseAssigned,
    CaseIsOpen,
    CaseIsResolved,
    CaseKind,
    CaseOpened,
    CaseReferred,
    CaseReopened,
    CaseResolved,
    ReferralReported,
    ResolutionJudged,
)
from domain.service.referral import (
    AcceptResolution,
    DisputeResolution,
    NotReferred,
    ReferCase,
    ReportReferral,
)
from tests.support.decisions import given
from tests.support.facts import sealed

TEXT = sealed("…")
OPENED = ("complaint-q1", CaseOpened(case_id="q1", kind=CaseKind.COMPLAINT, category="quality", text=TEXT))
ASSIGNED = ("complaint-q1", CaseAssigned(case_id="q1", employee_id="e1"))
REFERRED = ("complaint-q1", CaseReferred(case_id="q1", to="supplier"))
RESOLVED = ("complaint-q1", CaseResolved(case_id="q1", text=TEXT))
REFER = ReferCase(case_id="q1", to="supplier")
REPORT = ReportReferral(case_id="q1", outcome="closed", in_time=False)


def test_a_case_is_passed_on() -> None:
    given(OPENED).when(REFER).then(REFERRED)


def test_passing_it_on_to_the_same_again_changes_nothing() -> None:
    given(OPENED, REFERRED).when(REFER).then()


def test_a_resolved_case_is_not_passed_on() -> None:
    given(OPENED, RESOLVED).when(REFER).refused(CaseIsResolved)


def test_their_answer_is_noted_also_when_the_case_is_over() -> None:
    given(OPENED, REFERRED, RESOLVED).when(REPORT).then_events(
        ReferralReported(case_id="q1", outcome="closed", in_time=False)
    )


def test_nobody_answers_what_was_passed_on_to_nobody() -> None:
    given(OPENED).when(REPORT).refused(NotReferred)


def test_a_customer_accepts_a_resolution() -> None:
    given(OPENED, RESOLVED).when(AcceptResolution(case_id="q1")).then_events(
        ResolutionJudged(case_id="q1", accepted=True)
    )


def test_what_is_disputed_is_taken_up_again_with_whoever_had_it() -> None:
    given(OPENED, ASSIGNED, RESOLVED).when(DisputeResolution(case_id="q1", text=TEXT)).then_events(
        ResolutionJudged(case_id="q1", accepted=False),
        CaseReopened(case_id="q1", text=TEXT, employee_id="e1"),
    )


def test_an_open_case_has_no_resolution_to_judge() -> None:
    given(OPENED).when(AcceptResolution(case_id="q1")).refused(CaseIsOpen)
    given(OPENED).when(DisputeResolution(case_id="q1", text=TEXT)).refused(CaseIsOpen)
