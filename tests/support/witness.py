"""The witness of what was asked and answered: it finds an order that explains every answer, or says that
none does.

Commands that wait at one desk are answered in their order, desks among each other in any. The search needs no
way back: what writes nothing changes nothing, so the first moment at which it is right will do, and of two
commands that write the positions tell which came first.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from domain.kernel.command import Command
from domain.kernel.errors import Refusal
from infra.event_store.submission import Answer, CommandReused, Origin, OutcomeUnknown
from tests.support.journals import keyed, origin
from tests.support.shop_model import Expected, Facts, ShopModel
from tests.support.shop_readings import told


class Asked(NamedTuple):
    """A command as it was submitted. Without a `body` no answer is kept, and a repeat is not recognised."""

    command: Command
    id: str
    body: str | None

    @property
    def origin(self) -> Origin:
        return origin(self.id) if self.body is None else keyed(self.id, self.body)


Outcome = Answer | BaseException
Heard = tuple[Asked, Outcome]


class _Kept(NamedTuple):
    """An answer that a repeat must get: in the model's words and, where it was heard, to the letter."""

    body: str
    position: int
    facts: Facts
    result: msgspec.Struct | None


class Witness:
    """The model, and what it can't know by itself: positions and kept answers.

    `done` are the requests whose answer is kept, `refused` those that were refused, oldest first.
    """

    def __init__(self, model: ShopModel, position: int) -> None:
        self.model = model
        self.position = position
        self.done: list[Asked] = []
        self.refused: list[Asked] = []
        self._kept: dict[str, _Kept] = {}
        self._written: Mapping[str, int] = {}

    def hear(
        self, *desks: Iterable[Heard], after_all: bool = False, written: Mapping[str, int] | None = None
    ) -> None:
        """Finds the order and carries it out in the model.

        With `after_all` an acceptance may be called a repeat: the clerk wrote it, but had to find that out.
        Where the clerk did not know, `written` tells: the last position of each command in the journal.
        """
        self._written = written or {}
        waiting = [deque(desk) for desk in desks]
        while waiting := [desk for desk in waiting if desk]:
            fitting = [desk for desk in waiting if self._fits(*desk[0], after_all=after_all)]
            assert fitting, "\n".join(self._doubt(*desk[0]) for desk in waiting)
            # What wrote something comes last: it may end the moment at which another answer was right.
            asked, outcome = min(fitting, key=lambda desk: self._writes(*desk[0])).popleft()
            if isinstance(outcome, OutcomeUnknown):
                if asked.id in self._written:
                    self._carry_out(asked, None)
            elif not isinstance(outcome, Answer):
                self.refused.append(asked)
            elif self._first(asked) is None:
                self._carry_out(asked, outcome.result)

    def _fits(self, asked: Asked, outcome: Outcome, *, after_all: bool) -> bool:
        kept = self._first(asked)
        if kept is not None:
            return _repeats(outcome, kept) if kept.body == asked.body else isinstance(outcome, CommandReused)
        expected = self.model.expect(asked.command)
        match outcome:
            case Answer():
                return (
                    not expected.reasons
                    and outcome.position == self.position + expected.events
                    and told(outcome.result) == expected.facts
                    and (after_all or not outcome.replayed)
                )
            case Refusal():
                return outcome.code in expected.reasons
            case OutcomeUnknown():
                position = self._written.get(asked.id)
                return position is None or (
                    not expected.reasons and position == self.position + expected.events
                )
            case _:
                raise outcome

    def _writes(self, asked: Asked, outcome: Outcome) -> bool:
        position = outcome.position if isinstance(outcome, Answer) else self._written.get(asked.id, 0)
        return position > self.position

    def _carry_out(self, asked: Asked, result: msgspec.Struct | None) -> None:
        expected = self.model.expect(asked.command)
        assert not expected.reasons, f"the journal holds {asked}, which is wrong: {expected.reasons}"
        expected.carry_out()
        self.position += expected.events
        if asked.body is not None:
            self.done.append(asked)
            self._kept[asked.id] = _Kept(asked.body, self.position, expected.facts, result)

    def _first(self, asked: Asked) -> _Kept | None:
        return None if asked.body is None else self._kept.get(asked.id)

    def _doubt(self, asked: Asked, outcome: Outcome) -> str:
        kept = self._first(asked)
        expected: Expected | _Kept = kept or self.model.expect(asked.command)
        return f"after position {self.position}: {asked}\n  answered: {outcome!r}\n  expected: {expected}"


def _repeats(outcome: Outcome, kept: _Kept) -> bool:
    return (
        isinstance(outcome, Answer)
        and outcome.replayed
        and outcome.position == kept.position
        and told(outcome.result) == kept.facts
        and kept.result in (None, outcome.result)
    )
