"""Markdown ladders: by how much goods are marked down when so many days of their life are left.

A ladder is for one store or all, and for a product, a category or all goods. They stand in one book, which
the daily watch reads. (Domain rule "FEFO", decision 0060.)
"""

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import InvalidCommand, Refusal
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind

SNAPSHOT_EVERY = 100
BOOK = "book"
"""The one stream of its kind."""
MAX_LADDERS = 500
MAX_STEPS = 10
MAX_DAYS = 365
WHOLE_BP = 10_000


class Step(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """At `days_left` days of life or less goods are `off_bp` below the list; 0 is the last day of sale.

    Where it is `automatic` nobody is asked first.
    """

    days_left: int
    off_bp: int
    automatic: bool = False


class MarkdownLadderSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """From now on the ladder has these steps, the earliest first; without steps it is none any more.

    It is for one store or all, and for one SKU, one category, or all goods. `version` counts from 1.
    """

    TYPE: ClassVar = "freshness.ladder_set.v1"
    ladder: str
    version: int
    store_id: str | None = None
    sku: str | None = None
    category: str | None = None
    steps: tuple[Step, ...] = ()


class Ladders(msgspec.Struct, frozen=True, kw_only=True):
    """Each ladder as it was set last, ended ones included: their versions go on."""

    ladders: dict[str, MarkdownLadderSet] = {}


def evolve(state: Ladders, event: Event) -> Ladders:
    """The ladders after `event`."""
    if not isinstance(event, MarkdownLadderSet):
        return state
    return Ladders(ladders={**state.ladders, event.ladder: event})


LADDERS = StreamKind("ladders", Ladders(), evolve, snapshot_every=SNAPSHOT_EVERY)


def ladder_for(
    ladders: Mapping[str, MarkdownLadderSet], store_id: str, sku: str, category: str
) -> MarkdownLadderSet | None:
    """The ladder of a store's product.

    The product's own comes before its category's, and of two such the store's before that of all stores.
    """
    found = [
        ladder
        for ladder in ladders.values()
        if ladder.steps
        and ladder.store_id in (None, store_id)
        and ladder.sku in (None, sku)
        and ladder.category in (None, category)
    ]
    return max(found, key=_closeness, default=None)


def _closeness(ladder: MarkdownLadderSet) -> tuple[bool, bool, bool]:
    return ladder.sku is not None, ladder.category is not None, ladder.store_id is not None


def _goods(ladder: MarkdownLadderSet) -> tuple[str | None, str | None, str | None]:
    return ladder.store_id, ladder.sku, ladder.category


def step_at(ladder: MarkdownLadderSet, days_left: int) -> Step | None:
    """The step that goods with so many days left have come to, however many they missed before it."""
    return next((step for step in reversed(ladder.steps) if days_left <= step.days_left), None)


def furthest(ladders: Mapping[str, MarkdownLadderSet], store_id: str) -> int:
    """How many days before its end a lot of the store is marked down at the earliest; -1 where none is."""
    days = (
        ladder.steps[0].days_left
        for ladder in ladders.values()
        if ladder.steps and ladder.store_id in (None, store_id)
    )
    return max(days, default=-1)


class TooManyLadders(Refusal):
    """The book is full."""

    code = "too_many_ladders"


class LadderOverlaps(Refusal):
    """Another ladder is for just the same goods: which one should count?"""

    code = "ladder_overlaps"


class SetMarkdownLadder(Command, frozen=True, kw_only=True):
    """Sets a ladder; without steps it ends. The same again writes nothing.

    What it is for never changes: who may change a store's ladder can't make one for all of it. What was
    proposed or made by an earlier version stays.
    """

    RESULT: ClassVar = MarkdownLadderSet

    ladder: str
    steps: tuple[Step, ...] = ()
    store_id: str | None = None
    sku: str | None = None
    category: str | None = None

    def streams(self) -> tuple[str, ...]:
        # Features are strangers: of store and product it matters here only that they are there.
        named = (("store", self.store_id), ("product", self.sku))
        return (LADDERS.stream(BOOK), *(f"{kind}-{id_}" for kind, id_ in named if id_ is not None))

    def decide(self, states: States, at: Moment) -> Decision:
        for stream in self.streams()[1:]:
            states.require_stream(stream)
        self._check()
        ladders = states.of(LADDERS, BOOK).ladders
        before = ladders.get(self.ladder)
        new = MarkdownLadderSet(
            ladder=self.ladder,
            version=1 if before is None else before.version + 1,
            store_id=self.store_id,
            sku=self.sku,
            category=self.category,
            steps=self.steps,
        )
        if before is not None and msgspec.structs.replace(new, version=before.version) == before:
            return Decision(events=(), result=before)
        if before is not None and _goods(before) != _goods(new):
            raise InvalidCommand(
                "The ladder is for other goods or stores. Give these a ladder of their own.",
                ladder=self.ladder,
            )
        if before is None and len(ladders) >= MAX_LADDERS:
            raise TooManyLadders(f"There are {MAX_LADDERS} ladders. Change one of them.", limit=MAX_LADDERS)
        self._require_alone(ladders)
        return Decision(events=((LADDERS.stream(BOOK), new),), result=new)

    def _check(self) -> None:
        if self.sku is not None and self.category is not None:
            raise InvalidCommand("A ladder is for a product or a category, not both.", sku=self.sku)
        if len(self.steps) > MAX_STEPS:
            raise InvalidCommand(f"A ladder has up to {MAX_STEPS} steps.", steps=len(self.steps))
        for step in self.steps:
            if not (0 <= step.days_left <= MAX_DAYS and 0 < step.off_bp <= WHOLE_BP):
                raise InvalidCommand(
                    f"A step is at 0 to {MAX_DAYS} days left, and 1 to {WHOLE_BP} basis points off.",
                    days_left=step.days_left,
                    off=step.off_bp,
                )
        for earlier, later in zip(self.steps, self.steps[1:], strict=False):
            if later.days_left >= earlier.days_left or later.off_bp <= earlier.off_bp:
                raise InvalidCommand(
                    "Each step has fewer days left than the one before, and more off.",
                    days_left=later.days_left,
                    off=later.off_bp,
                )

    def _require_alone(self, ladders: Mapping[str, MarkdownLadderSet]) -> None:
        if not self.steps:
            return
        goods = (self.store_id, self.sku, self.category)
        for other in ladders.values():
            same = _goods(other) == goods
            if same and other.steps and other.ladder != self.ladder:
                raise LadderOverlaps(
                    f"The ladder {other.ladder!r} is for the same goods. Change that one.",
                    ladder=other.ladder,
                )
