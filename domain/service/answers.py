"""Canned answers: texts of the shop, with places that are filled in from a case. Data, with versions."""

import enum
from collections.abc import Mapping, Sequence
from string import Formatter
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import InvalidCommand, NotFound
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind, require_version
from domain.service.kinds import CaseKind

MAX_TEXT = 4_000
"""So that a filled-in text is one that a case takes."""


class Placeholder(enum.StrEnum):
    """What can be filled in, as `{customer_name}`. A literal brace is doubled."""

    CASE_ID = "case_id"
    CATEGORY = "category"
    CUSTOMER_NAME = "customer_name"
    PRODUCT_NAME = "product_name"
    STORE_NAME = "store_name"


class CannedText(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version of an answer: its text in a language, for cases of a kind (None: of any)."""

    language: str
    text: str
    kind: CaseKind | None = None


class AnswerSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """From now on the answer reads like this. It is of no person, so it stands in the clear."""

    TYPE: ClassVar = "answer.set.v1"
    answer_id: str
    version: int
    answer: CannedText


class AnswerRetired(Event, frozen=True, kw_only=True, omit_defaults=True):
    """It is not offered any more. What was answered with it names it all the same."""

    TYPE: ClassVar = "answer.retired.v1"
    answer_id: str


class AnswerVersions(msgspec.Struct, frozen=True, kw_only=True):
    """Every version there was, and whether it is offered still."""

    all: tuple[CannedText, ...] = ()
    retired: bool = False


def evolve(state: AnswerVersions, event: Event) -> AnswerVersions:
    """The answer after `event`."""
    match event:
        case AnswerSet():
            return AnswerVersions(all=(*state.all, event.answer))
        case AnswerRetired():
            return AnswerVersions(all=state.all, retired=True)
        case _:
            return state


ANSWER = StreamKind("answer", AnswerVersions(), evolve)


class AnswerVersion(msgspec.Struct, frozen=True, kw_only=True):
    """What was written: the answer and its version now."""

    answer_id: str
    version: int


class SetAnswer(Command, frozen=True, kw_only=True):
    """Makes an answer, or its next version; one that was retired is offered again."""

    RESULT: ClassVar = AnswerVersion

    answer_id: str
    answer: CannedText
    expected: int | None = None

    def streams(self) -> Sequence[str]:
        return (ANSWER.stream(self.answer_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        before = states.of(ANSWER, self.answer_id)
        version = len(before.all)
        require_version(version, self.expected)
        if len(self.answer.text) > MAX_TEXT:
            raise InvalidCommand(f"A canned answer has at most {MAX_TEXT} characters.")
        placeholders_of(self.answer.text)
        if before.all and before.all[-1] == self.answer and not before.retired:
            return Decision(events=(), result=AnswerVersion(answer_id=self.answer_id, version=version))
        fact = AnswerSet(answer_id=self.answer_id, version=version + 1, answer=self.answer)
        return Decision(
            events=((ANSWER.stream(self.answer_id), fact),),
            result=AnswerVersion(answer_id=self.answer_id, version=version + 1),
        )


class RetireAnswer(Command, frozen=True, kw_only=True):
    """Takes an answer out of the list. Again, it changes nothing."""

    RESULT: ClassVar = AnswerVersion

    answer_id: str

    def streams(self) -> Sequence[str]:
        return (ANSWER.stream(self.answer_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        answer = states.require(ANSWER, self.answer_id)
        fact = (ANSWER.stream(self.answer_id), AnswerRetired(answer_id=self.answer_id))
        return Decision(
            events=() if answer.retired else (fact,),
            result=AnswerVersion(answer_id=self.answer_id, version=len(answer.all)),
        )


def require_text(answer: AnswerVersions, answer_id: str, version: int) -> CannedText:
    """A version of an answer, from 1, or NotFound."""
    if not 1 <= version <= len(answer.all):
        raise NotFound(
            f"There is no version {version} of the answer {answer_id!r}.", kind="answer", id=answer_id
        )
    return answer.all[version - 1]


def placeholders_of(text: str) -> list[Placeholder]:
    """What the text has filled in, in order, each once; InvalidCommand where it asks for anything else."""
    named: dict[Placeholder, None] = {}
    try:
        for _, name, form, conversion in Formatter().parse(text):
            if name is None:
                continue
            if form or conversion:
                raise ValueError(name)
            named[Placeholder(name)] = None
    except ValueError:
        known = ", ".join(f"{{{one}}}" for one in Placeholder)
        raise InvalidCommand(f"A canned answer has filled in {known}; a literal brace is doubled.") from None
    return list(named)


def filled_in(text: str, values: Mapping[Placeholder, str]) -> tuple[str, list[Placeholder]]:
    """The text with what is known, and what is not: that stays as its placeholder, to be written by hand."""
    wanted = placeholders_of(text)
    missing = [one for one in wanted if one not in values]
    known = {one.value: values.get(one, f"{{{one}}}") for one in wanted}
    return text.format_map(known), missing
