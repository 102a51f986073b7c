"""Writing a return down: its own stream, the movements to the shelf or to waste, and the receipt."""

from collections.abc import Iterable, Sequence

import msgspec

from domain.inventory.flows import lots_back, of_lots
from domain.inventory.parts import is_withdrawn, known
from domain.inventory.stock_item import STOCK_ITEM, Place, StockMoved, item_id
from domain.kernel.allowance import Allowance
from domain.kernel.business_day import business_day, utc_offset_min
from domain.kernel.command import Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.event import Event
from domain.kernel.lot_share import LotShare
from domain.kernel.money import cumulative_share
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States
from domain.sales.policy import PolicyApplied
from domain.sales.returns import RETURN, ReturnedLine, ReturnRecorded
from domain.sales.sale import Attribution, Refund
from domain.stores.store import Store
from domain.tills.receipts import paid_by_method, require_shift
from domain.tills.till import TILL, ReceiptIssued, till_id
from domain.tills.totals import by_rate

MAX_LINES = 2_000
LOT_HELD = "lot held"
"""Why goods that come back go into quarantine."""


class ReturnAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The till's answer to a return. Amounts in minor units of `currency`."""

    return_id: str
    sale_id: str | None
    receipt_number: int
    currency: str
    lines: tuple[ReturnedLine, ...]
    refunds: tuple[Refund, ...]
    tax_minor: int
    total_minor: int


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken back, of a sale or without one, before it is written down.

    Where it is not `attended` nobody stands at the till, and no shift need be open there.
    """

    return_id: str
    sale_id: str | None
    store: Store
    register_id: str
    customer_id: str | None
    lines: tuple[ReturnedLine, ...]
    refunds: tuple[Refund, ...]
    attributions: tuple[Attribution, ...]
    reason: Sealed | None
    reason_code: str | None = None
    unlinked_because: str | None
    allowance: Allowance | None = None
    policy: PolicyApplied | None = None
    correction: bool = False
    exchanged_for: str | None = None
    attended: bool = True


def check_count(lines: Sequence[object]) -> None:
    """InvalidCommand unless there is something to take back, and not too much at once."""
    if not 0 < len(lines) <= MAX_LINES:
        raise InvalidCommand(f"A return has 1 to {MAX_LINES} lines.", lines=len(lines))


def write_down(states: States, at: Moment, taken: Taken) -> tuple[list[tuple[str, Event]], ReturnAnswer]:
    """The events of the return, and the answer to the till. Needs the till's state."""
    stream = RETURN.stream(taken.return_id)
    store = taken.store
    till = till_id(store.store_id, taken.register_id)
    roll = states.of(TILL, till)
    total = sum(line.refund_minor for line in taken.lines)
    shift = require_shift(roll, at.occurred_at, required=store.shifts_required and taken.attended)
    recorded = ReturnRecorded(
        return_id=taken.return_id,
        sale_id=taken.sale_id,
        store_id=store.store_id,
        register_id=taken.register_id,
        receipt_number=roll.last_number + 1,
        currency=store.currency,
        business_day=business_day(at.occurred_at, store.time_zone, store.day_starts_at_min),
        utc_offset_min=utc_offset_min(at.occurred_at, store.time_zone),
        customer_id=taken.customer_id,
        lines=taken.lines,
        refunds=taken.refunds,
        total_minor=total,
        attributions=taken.attributions,
        reason=taken.reason,
        reason_code=taken.reason_code,
        unlinked_because=taken.unlinked_because,
        allowance=taken.allowance,
        policy=taken.policy,
        correction=taken.correction,
        exchanged_for=taken.exchanged_for,
    )
    moves = [
        (STOCK_ITEM.stream(item_id(store.store_id, line.sku)), moved)
        for line in taken.lines
        if line.stocked and line.quantity
        for moved in _moves_back(states, store.store_id, line, stream)
    ]
    receipt = ReceiptIssued(
        store_id=store.store_id,
        register_id=taken.register_id,
        number=recorded.receipt_number,
        document=stream,
        total_minor=-total,
        taxes=by_rate((line.tax_rate_bp, -line.refund_minor, -line.tax_minor) for line in taken.lines),
        late=roll.is_late(at.occurred_at),
        shift=shift,
        paid=(
            paid_by_method(
                (refund.method, -refund.amount_minor - refund.rounding_minor) for refund in taken.refunds
            )
            if shift
            else ()
        ),
    )
    answer = ReturnAnswer(
        return_id=taken.return_id,
        sale_id=taken.sale_id,
        receipt_number=recorded.receipt_number,
        currency=store.currency,
        lines=taken.lines,
        refunds=taken.refunds,
        tax_minor=sum(line.tax_minor for line in taken.lines),
        total_minor=total,
    )
    return [(stream, recorded), *moves, (TILL.stream(till), receipt)], answer


def _moves_back(states: States, store_id: str, line: ReturnedLine, reference: str) -> Iterable[StockMoved]:
    """From the customer to the shelf, and what can't be sold again to waste, at the cost of the issue.

    What is of a lot that was taken out of sale goes where the rest of that lot is.
    """
    wasted = line.in_stock(line.wasted)
    kept = line.stock_quantity - wasted
    kept_lots, held_lots = _withdrawn(states, store_id, line, kept)
    wasted_lots = lots_back(line.lots, kept, line.stock_quantity)
    held, held_cost = sum(share.quantity for share in held_lots), sum(share.cost_minor for share in held_lots)
    wasted_cost = (
        sum(share.cost_minor for share in wasted_lots)
        if line.lots
        else cumulative_share(line.cost_minor, line.wasted, line.quantity)
    )
    for to, quantity, cost, lots, reason in (
        (Place.SHELF, kept - held, line.cost_minor - held_cost - wasted_cost, kept_lots, None),
        (Place.QUARANTINE, held, held_cost, held_lots, LOT_HELD),
        (Place.WASTE, wasted, wasted_cost, wasted_lots, line.condition),
    ):
        if quantity:
            moved = StockMoved(
                store_id=store_id,
                sku=line.sku,
                from_=Place.CUSTOMER,
                to=to,
                quantity=quantity,
                cost_minor=cost,
                reason=reason,
                reference=reference,
            )
            yield of_lots(moved, lots)


def _withdrawn(
    states: States, store_id: str, line: ReturnedLine, kept: int
) -> tuple[tuple[LotShare, ...], tuple[LotShare, ...]]:
    """What of the lots of the first `kept` is for sale again, and what not."""
    lots = lots_back(line.lots, 0, kept)
    if not lots:
        return (), ()
    parts = states.of(STOCK_ITEM, item_id(store_id, line.sku)).parts
    if parts is not None and not all(known(parts, share.lot) == share.lot for share in lots):
        # What comes back of a lot that the item has forgotten is of none. Read models can't know that.
        lots = tuple(msgspec.structs.replace(share, lot=known(parts, share.lot)) for share in lots)
    held = tuple(share for share in lots if is_withdrawn(parts, share.lot))
    return tuple(share for share in lots if share not in held) if held else lots, held
