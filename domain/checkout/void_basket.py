"""Recording a void: a basket, or lines of it, that the till took off again before it was paid.

It sells nothing and moves nothing. It is on record because goods that are scanned, taken off and handed over
all the same are how tills are robbed. (Decision 0037 says why such facts stand in the till's stream.)
"""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.access.approval import Authority, Request, allow
from domain.access.limits import Operation
from domain.catalog.product import PRODUCT
from domain.checkout.shifts import AtTill
from domain.kernel.command import Decision, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.money import require_bookable
from domain.kernel.stream import States
from domain.tills.receipts import require_shift
from domain.tills.void import BasketVoided, VoidedLine

MAX_VOIDED_LINES = 2_000


class VoidRecorded(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: which void, in which shift (0 for none), and what it comes to."""

    void_id: str
    shift: int
    currency: str
    amount_minor: int


class RecordVoid(AtTill, frozen=True, kw_only=True):
    """Records that lines, or a `whole` basket, were voided before payment. Their amounts are the till's.

    What they come to is held against the limit of `authority`; None is without limit. An approval for it
    names the void.
    """

    RESULT: ClassVar = VoidRecorded

    void_id: str
    whole: bool
    lines: tuple[VoidedLine, ...]
    reason: str
    employee_id: str | None = None
    authority: Authority | None = None

    def streams(self) -> Iterable[str]:
        yield from super().streams()
        if self.authority is not None:
            yield from self.authority.streams()
        if self.employee_id is not None:
            yield f"employee-{self.employee_id}"
        for line in self.lines:
            yield PRODUCT.stream(line.sku)

    def decide(self, states: States, at: Moment) -> Decision:
        store, roll = self.look(states)
        if self.employee_id is not None:
            states.require_stream(f"employee-{self.employee_id}")
        amount_minor = self._amount_minor(states)
        shift = require_shift(roll, at.occurred_at, required=store.shifts_required)
        request = Request(
            operation=Operation.VOID,
            store_id=self.store_id,
            target=self.void_id,
            needed=amount_minor,
            currency=store.currency,
            document=self.till,
        )
        allowance, used = allow(states, at, self.authority, request)
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
        )
        answer = VoidRecorded(
            void_id=self.void_id, shift=shift, currency=store.currency, amount_minor=amount_minor
        )
        return Decision(events=((self.till, voided), *used), result=answer)

    def _amount_minor(self, states: States) -> int:
        """What the lines come to, or the refusal of lines that no till has shown."""
        if not 0 < len(self.lines) <= MAX_VOIDED_LINES:
            raise InvalidCommand(f"A void has 1 to {MAX_VOIDED_LINES} lines.", lines=len(self.lines))
        for line in self.lines:
            states.require(PRODUCT, line.sku)
            if line.quantity <= 0 or line.amount_minor < 0:
                raise InvalidCommand("quantity is above zero and the amount not below.", sku=line.sku)
        return require_bookable(sum(line.amount_minor for line in self.lines))
