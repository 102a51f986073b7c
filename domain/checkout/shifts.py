"""Running a till's shift: open it with a float, move cash, count blind, close it and say what is off."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.access.approval import Allowed, Authority, Request, allow
from domain.access.limits import Operation
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand, Refusal
from domain.kernel.event import Event
from domain.kernel.money import require_bookable
from domain.kernel.stream import States
from domain.stores.store import STORE, Store
from domain.tills.receipts import ShiftNotOpen, require_shift
from domain.tills.shift import (
    DRAWER,
    CashMove,
    CashMoved,
    Difference,
    DrawerCounted,
    MethodSum,
    OverShortFound,
    Pieces,
    Shift,
    ShiftClosed,
    ShiftOpened,
    z_report,
)
from domain.tills.till import TILL, Till, till_id

_OUT = {CashMove.PAY_OUT: Operation.PAY_OUT, CashMove.DROP: Operation.DROP}

MAX_METHODS = 50
MAX_PIECES = 50


class ShiftOpen(Refusal):
    """The till has an open shift: one ends before the next begins."""

    code = "shift_open"


class CountMissing(Refusal):
    """Nothing was counted since money last moved."""

    code = "count_missing"


class ShiftBegun(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to everything that happens within a shift: which one it is, and nothing of what is in it."""

    shift: int


class ShiftEnded(msgspec.Struct, frozen=True, kw_only=True):
    """The Z report, and where the count differs from what should be there."""

    report: ShiftClosed
    differences: tuple[Difference, ...]


class AtTill(Command, frozen=True, kw_only=True):
    """A command that concerns one till of a store; `currencies` are those of its amounts."""

    RESULT: ClassVar = ShiftBegun

    store_id: str
    register_id: str
    currencies: frozenset[str] = frozenset()

    @property
    def till(self) -> str:
        """The till's stream."""
        return TILL.stream(till_id(self.store_id, self.register_id))

    def streams(self) -> Iterable[str]:
        yield STORE.stream(self.store_id)
        yield self.till

    def look(self, states: States) -> tuple[Store, Till]:
        """The store and the till, or the refusal of amounts in another currency."""
        store = states.require(STORE, self.store_id)
        for currency in sorted(self.currencies):
            if currency != store.currency:
                raise CurrencyMismatch(f"The store sells in {store.currency}.", currency=currency)
        return store, states.of(TILL, till_id(self.store_id, self.register_id))


class OpenShift(AtTill, frozen=True, kw_only=True):
    """Opens the till's next shift with so much money in the drawer."""

    float_minor: int

    def decide(self, states: States, at: Moment) -> Decision:
        store, roll = self.look(states)
        if roll.shift is not None:
            raise ShiftOpen(
                f"Shift {roll.shift.number} is open at this till. Close it first.", shift=roll.shift.number
            )
        if self.float_minor < 0:
            raise InvalidCommand("The float is zero or more.", float=self.float_minor)
        before = roll.past[-1] if roll.past else None
        opened = ShiftOpened(
            store_id=self.store_id,
            register_id=self.register_id,
            shift=1 if before is None else before.number + 1,
            currency=store.currency,
            # A clock that was set back doesn't lay one shift over another.
            opened_at=at.occurred_at if before is None else max(at.occurred_at, before.closed_at),
            float_minor=require_bookable(self.float_minor),
        )
        return Decision(events=((self.till, opened),), result=ShiftBegun(shift=opened.shift))


class MoveCash(AtTill, frozen=True, kw_only=True):
    """Puts money into the drawer or takes it out, for a cause. It belongs to the shift that was open then.

    What was taken out in this way in the shift is held against the limit of `authority`; None is without
    limit. An approval for it names the register. What comes for a closed shift always takes a second person.
    """

    kind: CashMove
    amount_minor: int
    reason: str
    authority: Authority | None = None

    def streams(self) -> Iterable[str]:
        yield from super().streams()
        if self.authority is not None:
            yield from self.authority.streams()

    def decide(self, states: States, at: Moment) -> Decision:
        store, roll = self.look(states)
        shift = require_shift(roll, at.occurred_at, required=True)
        if self.amount_minor <= 0:
            raise InvalidCommand("The amount is above zero.", amount=self.amount_minor)
        allowance, used = self._allow(states, at, store, roll)
        moved = CashMoved(
            store_id=self.store_id,
            register_id=self.register_id,
            shift=shift,
            kind=self.kind,
            amount_minor=require_bookable(self.amount_minor),
            reason=self.reason,
            allowance=allowance,
        )
        return Decision(events=((self.till, moved), *used), result=ShiftBegun(shift=shift))

    def _allow(self, states: States, at: Moment, store: Store, roll: Till) -> Allowed:
        """By what right it is taken out; what is put in needs none."""
        operation = _OUT.get(self.kind)
        if operation is None:
            return None, ()
        # The sums of a shift that was closed meanwhile are not known any more: nothing could be added up.
        late = roll.shift is None or at.occurred_at < roll.shift.opened_at
        before = 0 if roll.shift is None or late else _taken_out(roll.shift, self.kind)
        request = Request(
            operation=operation,
            store_id=self.store_id,
            target=self.register_id,
            needed=before + self.amount_minor,
            currency=store.currency,
            document=self.till,
            by_two=late,
        )
        return allow(states, at, self.authority, request)


class CountDrawer(AtTill, frozen=True, kw_only=True):
    """Records what was counted by method, of cash a sum or `pieces`. It never says what should be there.

    The count holds until money moves again. Another one may follow, and every one stays on record.
    """

    counted: tuple[MethodSum, ...]
    pieces: tuple[Pieces, ...] = ()

    def decide(self, states: States, at: Moment) -> Decision:
        _, roll = self.look(states)
        shift = _require_open(roll)
        counted = DrawerCounted(
            store_id=self.store_id,
            register_id=self.register_id,
            shift=shift.number,
            counted=self._sums(),
            pieces=self.pieces,
        )
        return Decision(events=((self.till, counted),), result=ShiftBegun(shift=shift.number))

    def _sums(self) -> tuple[MethodSum, ...]:
        """What was counted by method, each once, cash among them."""
        sums = list(self.counted)
        if self.pieces:
            if len({each.value_minor for each in self.pieces}) < len(self.pieces):
                raise InvalidCommand("Name each note and coin once.")
            in_pieces = sum(each.value_minor * each.pieces for each in self.pieces)
            sums.append(MethodSum(method=DRAWER, amount_minor=in_pieces))
        if not any(part.method == DRAWER for part in sums):
            raise InvalidCommand("Say what cash was counted, be it nothing.")
        if len({part.method for part in sums}) < len(sums):
            raise InvalidCommand("Count each method once, and cash as a sum or by pieces.")
        if any(part.amount_minor < 0 for part in sums):
            raise InvalidCommand("What is counted is zero or more.")
        for part in sums:
            require_bookable(part.amount_minor)
        return tuple(sorted(sums, key=lambda part: part.method))


class CloseShift(AtTill, frozen=True, kw_only=True):
    """Closes the open shift with the last count: the Z report, and a fact for what is off.

    What the count is off, all methods together, is held against the limit of `authority`; None is without
    limit. An approval for it names the register.
    """

    RESULT: ClassVar = ShiftEnded

    authority: Authority | None = None

    def streams(self) -> Iterable[str]:
        yield from super().streams()
        if self.authority is not None:
            yield from self.authority.streams()

    def decide(self, states: States, at: Moment) -> Decision:
        store, roll = self.look(states)
        shift = _require_open(roll)
        if shift.counted is None:
            raise CountMissing(
                "Count the drawer first: nothing was counted since money last moved.", shift=shift.number
            )
        differences = shift.differences(shift.counted)
        allowance, used = self._allow(states, at, store, differences)
        events: list[tuple[str, Event]] = []
        if differences:
            found = OverShortFound(
                store_id=self.store_id,
                register_id=self.register_id,
                shift=shift.number,
                currency=shift.currency,
                differences=differences,
                allowance=allowance,
            )
            events.append((self.till, found))
        report = z_report(shift, (self.store_id, self.register_id), at.occurred_at)
        return Decision(
            events=(*events, (self.till, report), *used),
            result=ShiftEnded(report=report, differences=differences),
        )

    def _allow(
        self, states: States, at: Moment, store: Store, differences: tuple[Difference, ...]
    ) -> Allowed:
        """By what right it is closed though the count is off; an exact one needs none."""
        if not differences:
            return None, ()
        request = Request(
            operation=Operation.OVER_SHORT,
            store_id=self.store_id,
            target=self.register_id,
            needed=sum(abs(difference.over_minor) for difference in differences),
            currency=store.currency,
            document=self.till,
        )
        return allow(states, at, self.authority, request)


def _taken_out(shift: Shift, kind: CashMove) -> int:
    return shift.paid_out_minor if kind is CashMove.PAY_OUT else shift.dropped_minor


def _require_open(roll: Till) -> Shift:
    if roll.shift is None:
        raise ShiftNotOpen("No shift is open at this till. Open one first.")
    return roll.shift
