"""What customers did with a message: told once, and told again nothing changes."""

from typing import Any

import pytest

from domain.care.touch import TOUCH, CareHeldOut, CareReacted, CareSent, ReactionKind
from domain.kernel.errors import InvalidCommand, NotFound
from domain.outreach.note_reaction import NoteReaction
from tests.support.care import a_care_rule
from tests.support.decisions import NOON, Fact, given
from tests.support.facts import a_customer, a_store, sealed

NAMED = {"rule_id": "birthday", "customer_id": "c1", "occasion": "2026"}
SENT = (TOUCH.stream("c1"), CareSent(**NAMED, rule_version=1, channel="email", sent_at=NOON))
KNOWN = (a_store(), a_customer(), a_care_rule())


def note(kind: ReactionKind, **fields: Any) -> NoteReaction:
    return NoteReaction(**NAMED, kind=kind, **fields)


def noted(kind: ReactionKind, **fields: Any) -> Fact:
    return TOUCH.stream("c1"), CareReacted(**NAMED, kind=kind, **fields)


def test_a_reaction_is_noted_once() -> None:
    opened = noted(ReactionKind.OPENED)
    given(*KNOWN, SENT).when(note(ReactionKind.OPENED)).then_events(opened[1])
    given(*KNOWN, SENT, opened).when(note(ReactionKind.OPENED)).then_events()


def test_another_rating_takes_the_place_of_the_first() -> None:
    rated = noted(ReactionKind.RATED, rating=2)
    given(*KNOWN, SENT, rated).when(note(ReactionKind.RATED, rating=2)).then_events()
    better = noted(ReactionKind.RATED, rating=4)
    given(*KNOWN, SENT, rated).when(note(ReactionKind.RATED, rating=4)).then_events(better[1])


def test_each_answer_is_another() -> None:
    answer = noted(ReactionKind.REPLIED, text=sealed())
    given(*KNOWN, SENT, answer).when(note(ReactionKind.REPLIED, text=sealed())).then_events(answer[1])


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (ReactionKind.RATED, {}),
        (ReactionKind.RATED, {"rating": 0}),
        (ReactionKind.RATED, {"rating": 6}),
        (ReactionKind.OPENED, {"rating": 5}),
        (ReactionKind.CLICKED, {"text": sealed()}),
    ],
    ids=str,
)
def test_what_means_nothing_is_refused(kind: ReactionKind, fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidCommand):
        _ = given(*KNOWN, SENT).when(note(kind, **fields)).decision


def test_to_what_was_not_sent_nobody_reacts() -> None:
    held_out = CareHeldOut(**NAMED, rule_version=1, due_at=NOON, counts_until=NOON)
    facts = (*KNOWN, (TOUCH.stream("c1"), held_out))
    given(*facts).when(note(ReactionKind.OPENED)).refused(InvalidCommand, outcome="held_out")
    given(*KNOWN).when(note(ReactionKind.OPENED)).refused(NotFound, kind="care", id="birthday/2026")
