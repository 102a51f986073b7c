"""The first step of a transfer: goods leave a store and are in transit. (Domain rule "Transfers".)"""

from collections.abc import Iterable
from datetime import date
from typing import ClassVar

import msgspec

from domain.inventory.movement import Place, StockMoved, shares_of
from domain.inventory.stock_item import StockItem, require_available
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand
from domain.kernel.lot_share import LotShare
from domain.kernel.stream import States
from domain.stockroom.goods import Goods, require_in_lot
from domain.stockroom.purchase_sending import day_of
from domain.stores.store import STORE
from domain.transfers.transfer import TRANSFER, SentLine, SentLot, TransferSent

MAX_LINES = 500


class TransferLine(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a SKU goes, of which lot; without one by FEFO."""

    sku: str
    quantity: int
    lot: str | None = None


class GoodsSent(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a sending: what is in transit, at what it cost."""

    transfer_id: str
    currency: str
    lines: tuple[SentLine, ...]


class SendTransfer(Command, frozen=True, kw_only=True):
    """Sends goods to another store: all lines or none. What is reserved or expired stays."""

    RESULT: ClassVar = GoodsSent

    transfer_id: str
    from_store_id: str
    to_store_id: str
    lines: tuple[TransferLine, ...]
    expected_on: date | None = None

    def streams(self) -> Iterable[str]:
        yield TRANSFER.stream(self.transfer_id)
        yield STORE.stream(self.from_store_id)
        yield STORE.stream(self.to_store_id)
        yield from Goods.streams(self.from_store_id, (line.sku for line in self.lines))

    def decide(self, states: States, at: Moment) -> Decision:
        stream = TRANSFER.stream(self.transfer_id)
        states.require_absent(stream)
        store = states.require(STORE, self.from_store_id)
        to = states.require(STORE, self.to_store_id)
        if self.from_store_id == self.to_store_id:
            raise InvalidCommand("A transfer goes to another store.", store_id=self.to_store_id)
        if store.currency != to.currency:
            raise CurrencyMismatch(
                f"The other store keeps its books in {to.currency}. Sell it the goods.", currency=to.currency
            )
        if not 0 < len(self.lines) <= MAX_LINES or len({line.sku for line in self.lines}) < len(self.lines):
            raise InvalidCommand(f"A transfer has 1 to {MAX_LINES} lines, a SKU in one of them.")
        goods, today = Goods(states, self.from_store_id), day_of(store, at)
        sent = TransferSent(
            transfer_id=self.transfer_id,
            from_store_id=self.from_store_id,
            to_store_id=self.to_store_id,
            currency=store.currency,
            lines=tuple(self._send(goods, line, today, at) for line in self.lines),
            expected_on=self.expected_on,
        )
        result = GoodsSent(transfer_id=self.transfer_id, currency=store.currency, lines=sent.lines)
        return Decision(events=((stream, sent), *goods.events), result=result)

    def _send(self, goods: Goods, line: TransferLine, today: date, at: Moment) -> SentLine:
        if line.quantity <= 0:
            raise InvalidCommand("quantity must be a positive whole number.", sku=line.sku)
        item = goods.item(line.sku)
        require_in_lot(item, self.from_store_id, line.sku, line.lot, line.quantity, today=today)
        require_available(item, self.from_store_id, line.sku, line.quantity, at.recorded_at, today=today)
        moved = goods.take(
            StockMoved(
                store_id=self.from_store_id,
                sku=line.sku,
                from_=Place.SHELF,
                to=Place.TRANSIT,
                quantity=line.quantity,
                cost_minor=0,
                reference=TRANSFER.stream(self.transfer_id),
            ),
            line.lot,
            today,
        )
        shares = shares_of(moved)
        return SentLine(
            sku=line.sku,
            quantity=line.quantity,
            cost_minor=moved.cost_minor,
            shares=shares if any(share.lot for share in shares) else (),
            lots=_facts(item, shares),
        )


def _facts(item: StockItem, shares: Iterable[LotShare]) -> tuple[SentLot, ...]:
    if item.parts is None:
        return ()
    known = item.parts.lots
    return tuple(
        SentLot(lot=share.lot, received_on=known[share.lot].received_on, sell_by=known[share.lot].sell_by)
        for share in shares
        if share.lot in known
    )
