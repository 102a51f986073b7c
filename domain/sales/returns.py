"""A return: what came back and what was paid back for it, of a sale or without one."""

from datetime import date
from typing import ClassVar

import msgspec

from domain.kernel.allowance import Allowance
from domain.kernel.event import Event
from domain.kernel.lot_share import LotShare
from domain.kernel.quantity import Unit
from domain.kernel.sealed import Sealed
from domain.kernel.stream import StreamKind
from domain.sales.policy import PolicyApplied
from domain.sales.sale import Attribution, Refund


class ReturnedLine(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What came back of one line and what was paid back for it. `line` is 0 where no sale is known.

    `net_minor` is the returned part of the line's net amount; the refund adds the tax where it came on top.
    `weight_g` is that of a piece, as the sale has it.
    A `quantity` of 0 is a line that is kept, and whose price an offer changed with the return. So much as is
    `wasted` went to waste, in the `condition` that it came in; the rest went to the shelf, or into quarantine
    where all that is left of its lot is. `lots` is what belongs to which lot, in the unit that the product is
    kept in; the last of them are what was wasted.
    """

    line: int
    sku: str
    category: str
    unit: Unit
    quantity: int
    net_minor: int
    refund_minor: int
    tax_rate_bp: int = 0
    tax_minor: int = 0
    cost_minor: int = 0
    stocked: bool = True
    weight_g: int = 0
    wasted: int = 0
    condition: str | None = None
    lots: tuple[LotShare, ...] = ()

    @property
    def stock_quantity(self) -> int:
        """The quantity in the unit that the product is kept in."""
        return self.in_stock(self.quantity)

    def in_stock(self, quantity: int) -> int:
        """A quantity of the line in the unit that the product is kept in."""
        return quantity * self.weight_g if self.weight_g else quantity


class ReturnRecorded(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Goods came back and money was paid back, by what the sale's event froze.

    Where no sale could be found `sale_id` is None and `unlinked_because` says why. `allowance` stands where
    whoever did it has a limit, and `policy` what the return policy said where there was one. A `correction`
    undoes a sale that was recorded wrongly; `exchanged_for` is the sale that was made in the same decision.
    """

    TYPE: ClassVar = "return.recorded.v1"
    return_id: str
    sale_id: str | None = None
    store_id: str
    register_id: str
    receipt_number: int
    currency: str
    business_day: date
    utc_offset_min: int
    customer_id: str | None = None
    lines: tuple[ReturnedLine, ...]
    refunds: tuple[Refund, ...]
    total_minor: int
    attributions: tuple[Attribution, ...] = ()
    reason: Sealed | None = None
    reason_code: str | None = None
    unlinked_because: str | None = None
    allowance: Allowance | None = None
    policy: PolicyApplied | None = None
    correction: bool = False
    exchanged_for: str | None = None


class Return(msgspec.Struct, frozen=True, kw_only=True):
    """A return as decisions see it: made, or not."""

    sale_id: str | None = None


def evolve(state: Return, event: Event) -> Return:
    """The return after `event`."""
    return Return(sale_id=event.sale_id) if isinstance(event, ReturnRecorded) else state


RETURN = StreamKind("return", Return(), evolve)
