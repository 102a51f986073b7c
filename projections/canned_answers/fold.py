"""canned_answers: one row an answer, as its last version says."""

from collections.abc import Iterable

import msgspec

from domain.kernel.event import AnyRecorded
from domain.service.answers import AnswerRetired, AnswerSet
from projections.kernel.table import Change, Table


class CannedAnswer(msgspec.Struct, frozen=False, kw_only=False):
    """An answer. `case_kind` null: it is for cases of any kind."""

    answer_id: str
    version: int = 0
    language: str = ""
    case_kind: str | None = None
    text: str = ""
    retired: bool = False


def _fold(row: CannedAnswer, entry: AnyRecorded) -> None:
    match entry.data:
        case AnswerSet(version=version, answer=answer):
            row.version, row.language, row.text = version, answer.language, answer.text
            row.case_kind = None if answer.kind is None else answer.kind.value
            row.retired = False
        case _:
            row.retired = True


CANNED_ANSWERS = Table("canned_answers", CannedAnswer, keys=1, fold=_fold)


class CannedAnswers:
    """Keyed by answer."""

    name = "canned_answers"
    version = 1
    tables = (CANNED_ANSWERS,)
    events = (AnswerSet, AnswerRetired)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The answer's row."""
        yield CANNED_ANSWERS.change((entry.data.answer_id,), entry)
