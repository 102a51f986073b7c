"""The second step of a transfer: goods arrive, and every unit leaves transit. (Domain rule "Transfers".)"""

from collections.abc import Iterable
from datetime import date
from itertools import chain, count
from typing import ClassVar

import msgspec

from domain.inventory.flows import lots_back, of_lots
from domain.inventory.movement import Place, StockMoved
from domain.inventory.receiving import LotFacts, receive
from domain.inventory.stock_item import StockItem
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import AlreadyExists, InvalidCommand, Refusal
from domain.kernel.lot_share import LotShare
from domain.kernel.money import half_up, require_bookable
from domain.kernel.stream import States
from domain.stockroom.goods import Goods
from domain.stores.store import STORE
from domain.transfers.transfer import (
    TRANSFER,
    ArrivedLine,
    SentLine,
    Transfer,
    TransferReceived,
    TransferSent,
    TransferStatus,
)

MAX_LOT = 64
_TOLD_BY = 12
"""So many last letters of a transfer's id tell its lot from one of the same name."""


class TransferEnded(Refusal):
    """Everything of the transfer has left transit."""

    code = "transfer_ended"


class ArrivingLine(msgspec.Struct, frozen=True, kw_only=True):
    """What arrived of a SKU: fit for the shelf, and damaged."""

    sku: str
    good: int = 0
    damaged: int = 0


class GoodsArrived(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a receipt: what became of each line, and whether the transfer is over."""

    transfer_id: str
    receipt_id: str
    status: str
    lines: tuple[ArrivedLine, ...]


class ReceiveTransfer(Command, frozen=True, kw_only=True):
    """Books what arrived. Unless there is `more_to_come` the rest is missing: nothing stays in transit."""

    RESULT: ClassVar = GoodsArrived

    transfer_id: str
    receipt_id: str
    lines: tuple[ArrivingLine, ...]
    more_to_come: bool = False

    def streams(self) -> Iterable[str]:
        return (TRANSFER.stream(self.transfer_id),)

    def linked(self, states: States) -> Iterable[str]:
        sent = states.of(TRANSFER, self.transfer_id).sent
        if sent is None:
            return
        yield STORE.stream(sent.to_store_id)
        yield from Goods.streams(sent.to_store_id, (line.sku for line in sent.lines))

    def decide(self, states: States, at: Moment) -> Decision:
        stream = TRANSFER.stream(self.transfer_id)
        transfer = states.require(TRANSFER, self.transfer_id)
        sent = transfer.sent
        assert sent is not None
        self._check(transfer, sent)
        arriving = {line.sku: line for line in self.lines}
        arrived = {
            line.sku: self._arrived(line, transfer.left.get(line.sku, 0), arriving.get(line.sku))
            for line in sent.lines
        }
        goods = Goods(states, sent.to_store_id)
        for line in sent.lines:
            _Arrival(goods, sent, line, self.transfer_id).book(
                arrived[line.sku], transfer.left.get(line.sku, 0)
            )
        rest = sum(
            line.quantity - transfer.left.get(line.sku, 0) - left_transit(arrived[line.sku])
            for line in sent.lines
        )
        received = TransferReceived(
            transfer_id=self.transfer_id,
            receipt_id=self.receipt_id,
            to_store_id=sent.to_store_id,
            lines=tuple(line for line in arrived.values() if left_transit(line) or line.over),
            ends=not rest,
        )
        status = TransferStatus.IN_TRANSIT if rest else TransferStatus.RECEIVED
        result = GoodsArrived(
            transfer_id=self.transfer_id,
            receipt_id=self.receipt_id,
            status=status.value,
            lines=received.lines,
        )
        return Decision(events=((stream, received), *goods.events), result=result)

    def _check(self, transfer: Transfer, sent: TransferSent) -> None:
        if any(receipt.receipt_id == self.receipt_id for receipt in transfer.receipts):
            raise AlreadyExists(
                f"The arrival {self.receipt_id!r} of this transfer was booked. Choose another id.",
                kind="receipt",
                id=self.receipt_id,
            )
        if transfer.status is TransferStatus.RECEIVED:
            raise TransferEnded(
                "Nothing of it is in transit any more. Book what is found as an adjustment.",
                transfer_id=self.transfer_id,
            )
        if self.more_to_come and not any(line.good or line.damaged for line in self.lines):
            raise InvalidCommand("Say what arrived, or that nothing more will.")
        skus = [line.sku for line in self.lines]
        if len(set(skus)) < len(skus):
            raise InvalidCommand("A SKU stands in one line.")
        if strangers := sorted(set(skus) - {line.sku for line in sent.lines}):
            raise InvalidCommand(
                "These were not sent. Book what came without being sent as an adjustment.", skus=strangers
            )

    def _arrived(self, line: SentLine, left: int, came: ArrivingLine | None) -> ArrivedLine:
        """What arrived as the ledger has it: of what is in transit, and beyond it."""
        rest = line.quantity - left
        good, damaged = (0, 0) if came is None else (came.good, came.damaged)
        if good < 0 or damaged < 0:
            raise InvalidCommand("good and damaged are zero or more.", sku=line.sku)
        if damaged > rest:
            raise InvalidCommand(
                f"Only {rest} of {line.sku!r} are in transit. More can't be damaged.", sku=line.sku, rest=rest
            )
        in_transit = min(good, rest - damaged)
        missing = 0 if self.more_to_come else rest - damaged - in_transit
        return ArrivedLine(
            sku=line.sku, good=in_transit, damaged=damaged, missing=missing, over=good - in_transit
        )


def left_transit(line: ArrivedLine) -> int:
    """How much of a line was in transit and is no more."""
    return line.good + line.damaged + line.missing


class _Arrival:
    """The movements of a line that arrives, at what it left at: lot by lot in the order of its sending."""

    def __init__(self, goods: Goods, sent: TransferSent, line: SentLine, transfer_id: str) -> None:
        self._goods = goods
        self._sent = sent
        self._line = line
        self._transfer_id = transfer_id
        self._shares = line.shares or (LotShare(quantity=line.quantity, cost_minor=line.cost_minor),)

    def book(self, arrived: ArrivedLine, left: int) -> None:
        """Writes what became of the units from `left` on."""
        upto = left + arrived.good
        for share in lots_back(self._shares, left, upto):
            moved = self._moved(Place.TRANSIT, Place.SHELF, share.quantity, share.cost_minor)
            moved = msgspec.structs.replace(moved, fifo=self._goods.fifo)
            item = self._goods.item(self._line.sku)
            self._goods.write(self._line.sku, receive(item, moved, self._facts(share.lot, item)))
        for quantity, place, reason in (
            (arrived.damaged, Place.WASTE, "damaged in transit"),
            (arrived.missing, Place.COUNT_DIFFERENCE, "missing in transit"),
        ):
            if shares := lots_back(self._shares, upto, upto + quantity):
                cost = sum(share.cost_minor for share in shares)
                gone = self._moved(Place.TRANSIT, place, quantity, cost, reason)
                self._goods.write(self._line.sku, (of_lots(gone, shares),))
            upto += quantity
        if arrived.over:
            self._book_over(arrived.over)

    def _book_over(self, quantity: int) -> None:
        """What nobody sent is of the lot that was sent and expires first: it must not outlive its sell-by."""
        cost = require_bookable(half_up(self._line.cost_minor * quantity, self._line.quantity))
        found = self._moved(Place.COUNT_DIFFERENCE, Place.SHELF, quantity, cost, "over in transit")
        item = self._goods.item(self._line.sku)
        first = min(self._line.lots, key=lambda each: each.sell_by or date.max, default=None)
        facts = None if first is None else self._facts(first.lot, item)
        self._goods.write(self._line.sku, receive(item, found, facts))

    def _moved(
        self, from_: Place, to: Place, quantity: int, cost_minor: int, reason: str | None = None
    ) -> StockMoved:
        return StockMoved(
            store_id=self._sent.to_store_id,
            sku=self._line.sku,
            from_=from_,
            to=to,
            quantity=quantity,
            cost_minor=cost_minor,
            reason=reason,
            reference=TRANSFER.stream(self._transfer_id),
        )

    def _facts(self, lot: str, item: StockItem) -> LotFacts | None:
        """The lot as it left. Where the store knows another by this name, the transfer's is added to it.

        And where that is another's too, a number: no name may keep goods in transit that stand in the store.
        """
        sent = next((each for each in self._line.lots if each.lot == lot), None)
        if sent is None:
            return None
        known = {} if item.parts is None else item.parts.lots
        names = chain((lot,), (_longer(lot, self._transfer_id[-_TOLD_BY:], number) for number in count(1)))
        lot = next(
            name
            for name in names
            if name not in known or sent.sell_by is None or known[name].sell_by == sent.sell_by
        )
        return LotFacts(lot=lot, received_on=sent.received_on, sell_by=sent.sell_by)


def _longer(lot: str, told_by: str, number: int) -> str:
    suffix = f".{told_by}" + (f".{number}" if number > 1 else "")
    return lot[: MAX_LOT - len(suffix)] + suffix
