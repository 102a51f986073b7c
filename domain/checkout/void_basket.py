"""Recording a void: a basket, or lines of it, that the till took off again before it was paid.

It sells nothing and moves nothing. It is on record because goods that are scanned, taken off and handed over
all the same are how tills are robbed. (Decision 0037 says why such facts stand in the till's stream.)
"""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar

import msgspec

from domain.access.approval import Allowed, Authority, Request, allow
from domain.access.limits import Operation
from domain.catalog.product import PRODUCT
from domain.checkout.shifts import AtTill
from domain.kernel.business_day import business_day
from domain.kernel.command import Decision, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.money import require_bookable
from domain.kernel.stream import States
from domain.stores.store import Store
from domain.tills.receipts import require_shift
from domain.tills.till import Till
from domain.tills.void import VOID_ID, BasketVoided, VoidedLine, VoidIdTaken

MAX_VOIDED_LINES = 2_000


class VoidRecorded(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: which void, in which shift (0 for none), and what it comes to."""

    void_id: str
    shift: int
    currency: str
    amount_minor: int


class RecordVoid(AtTill, frozen=True, kw_only=True):
    """Records that lines, or a `whole` basket, were voided before payment. Their amounts are the till's.

    What they come to is held against the limits of `authority`, by itself and with all others of the shift;
    None is without limit. An approval for it names the void, whose id no other void of the store has.
    """

    RESULT: ClassVar = VoidRecorded

    void_id: str
    whole: bool
    lines: tuple[VoidedLine, ...]
    reason: str
    employee_id: str | None = None
    authority: Authority | None = None

    @property
    def id_stream(self) -> str:
        """Where the id is taken."""
        return VOID_ID.stream(f"{self.store_id}/{self.void_id}")

    def streams(self) -> Iterable[str]:
        yield from super().streams()
        yield self.id_stream
        if self.authority is not None:
            yield from self.authority.streams()
        if self.employee_id is not None:
            yield f"employee-{self.employee_id}"
        for line in self.lines:
            yield PRODUCT.stream(line.sku)

    def decide(self, states: States, at: Moment) -> Decision:
        store, roll = self.look(states)
        states.require_absent(self.id_stream)
        if self.employee_id is not None:
            states.require_stream(f"employee-{self.employee_id}")
        amount_minor = self._amount_minor(states)
        shift = require_shift(roll, at.occurred_at, required=store.shifts_required)
        day = None if shift else business_day(at.occurred_at, store.time_zone, store.day_starts_at_min)
        before_minor = _voided_before(roll, shift, day)
        allowance, used = self._allow(states, at, store, amount_minor, before_minor)
        voided = BasketVoided(
            store_id=self.store_id,
            register_id=self.register_id,
            void_id=self.void_id,
            shift=shift,
            currency=store.currency,
            whole=self.whole,
            lines=self.lines,
            amount_minor=amount_minor,
            reason=self.reason,
            employee_id=self.employee_id,
            allowance=allowance,
            business_day=day,
        )
        taken = VoidIdTaken(store_id=self.store_id, register_id=self.register_id, void_id=self.void_id)
        answer = VoidRecorded(
            void_id=self.void_id, shift=shift, currency=store.currency, amount_minor=amount_minor
        )
        return Decision(events=((self.till, voided), (self.id_stream, taken), *used), result=answer)

    def _allow(
        self, states: States, at: Moment, store: Store, amount_minor: int, before_minor: int | None
    ) -> Allowed:
        """By what right it is voided: within the limit of one void, and with those before of the shift's."""
        most = None if self.authority is None else self.authority.limits.voids_in_shift(store.currency)
        beyond = most is not None and (before_minor is None or before_minor + amount_minor > most)
        request = Request(
            operation=Operation.VOID,
            store_id=self.store_id,
            target=self.void_id,
            needed=amount_minor,
            currency=store.currency,
            document=self.till,
            by_two=beyond,
        )
        return allow(states, at, self.authority, request)

    def _amount_minor(self, states: States) -> int:
        """What the lines come to, or the refusal of lines that no till has shown."""
        if not 0 < len(self.lines) <= MAX_VOIDED_LINES:
            raise InvalidCommand(f"A void has 1 to {MAX_VOIDED_LINES} lines.", lines=len(self.lines))
        for line in self.lines:
            states.require(PRODUCT, line.sku)
            if line.quantity <= 0 or line.amount_minor < 0:
                raise InvalidCommand("quantity is above zero and the amount not below.", sku=line.sku)
        return require_bookable(sum(line.amount_minor for line in self.lines))


def _voided_before(roll: Till, shift: int, day: date | None) -> int | None:
    """What was voided before in the shift, or outside of shifts that day; None: no longer known."""
    if shift:
        return roll.shift.voided_minor if roll.shift is not None and roll.shift.number == shift else None
    assert day is not None
    if roll.voids is None or roll.voids.day < day:
        return 0
    return roll.voids.amount_minor if roll.voids.day == day else None
