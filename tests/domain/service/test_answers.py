"""Canned answers: versions, and what may be filled in."""

import pytest

from domain.kernel.errors import InvalidCommand, NotFound, VersionConflict
from domain.service.answers import (
    MAX_TEXT,
    AnswerRetired,
    AnswerSet,
    AnswerVersion,
    CannedText,
    Placeholder,
    RetireAnswer,
    SetAnswer,
    filled_in,
    placeholders_of,
)
from domain.service.case import AnswerUsed, CaseKind, CaseOpened, CaseResponded
from domain.service.waiting import RespondToCustomer
from tests.support.decisions import given
from tests.support.facts import sealed

SORRY = CannedText(language="en", text="Dear {customer_name}, we are sorry.")
LATER = CannedText(language="en", text="We are sorry.", kind=CaseKind.COMPLAINT)
SET, RETIRE = SetAnswer(answer_id="sorry", answer=SORRY), RetireAnswer(answer_id="sorry")
TEXT = sealed("…")
OPENED = ("complaint-q1", CaseOpened(case_id="q1", kind=CaseKind.COMPLAINT, category="quality", text=TEXT))


def test_an_answer_has_versions_and_the_same_text_makes_none() -> None:
    later = SetAnswer(answer_id="sorry", answer=LATER, expected=1)

    given().when(SET).then(("answer-sorry", AnswerSet(answer_id="sorry", version=1, answer=SORRY)))
    given().after(SET).when(later).then_events(AnswerSet(answer_id="sorry", version=2, answer=LATER))
    given().after(SET).when(SET).then()


def test_an_answer_is_changed_only_as_it_was_read() -> None:
    given().after(SET).when(SetAnswer(answer_id="sorry", answer=LATER, expected=0)).refused(VersionConflict)


def test_an_answer_is_retired_once_and_the_same_text_brings_it_back() -> None:
    given().after(SET).when(RETIRE).then(("answer-sorry", AnswerRetired(answer_id="sorry")))
    given().after(SET, RETIRE).when(RETIRE).then()
    back = given().after(SET, RETIRE).when(SET)
    assert back.answer == AnswerVersion(answer_id="sorry", version=2)


def test_what_never_was_is_not_retired() -> None:
    given().when(RETIRE).refused(NotFound, kind="answer", id="sorry")


@pytest.mark.parametrize(
    "text",
    [
        "{phone}",
        "{}",
        "{0}",
        "{customer_name!r}",
        "{customer_name:>9}",
        "{customer_name.key_id}",
        "{case_id[0]}",
        "{",
        "}",
        "{case_id",
        "x" * (MAX_TEXT + 1),
    ],
)
def test_nothing_else_is_filled_in(text: str) -> None:
    answer = CannedText(language="en", text=text)

    given().when(SetAnswer(answer_id="sorry", answer=answer)).refused(InvalidCommand)


def test_what_is_known_is_filled_in_and_the_rest_is_left_to_be_written() -> None:
    text = "{{{case_id}}}: dear {customer_name}, {customer_name}!"

    assert placeholders_of(text) == [Placeholder.CASE_ID, Placeholder.CUSTOMER_NAME]
    assert filled_in(text, {Placeholder.CASE_ID: "q1"}) == (
        "{q1}: dear {customer_name}, {customer_name}!",
        [Placeholder.CUSTOMER_NAME],
    )


def test_what_is_filled_in_is_not_looked_at_for_places_again() -> None:
    assert filled_in("{customer_name}", {Placeholder.CUSTOMER_NAME: "{case_id}"}) == ("{case_id}", [])


def respond(version: int) -> RespondToCustomer:
    used = AnswerUsed(answer_id="sorry", version=version)
    return RespondToCustomer(case_id="q1", text=TEXT, answer=used)


def test_a_response_names_the_version_that_it_was_made_of_though_it_was_retired_since() -> None:
    used = AnswerUsed(answer_id="sorry", version=1)

    given(OPENED).after(SET, RETIRE).when(respond(1)).then_events(
        CaseResponded(case_id="q1", text=TEXT, answer=used)
    )


@pytest.mark.parametrize("version", [0, 2])
def test_a_response_names_a_version_that_was(version: int) -> None:
    given(OPENED).after(SET).when(respond(version)).refused(NotFound, kind="answer", id="sorry")


def test_a_response_names_an_answer_that_was() -> None:
    given(OPENED).when(respond(1)).refused(NotFound, kind="answer", id="sorry")
