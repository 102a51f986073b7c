"""The lots of the story in tests/support/shop_day.py: pears that expire while it goes on."""

from collections.abc import Iterator
from datetime import date

from domain.counts.classes import CountPlan
from domain.inventory.cost import CostMethod
from domain.inventory.policy import SetStockPolicy
from domain.kernel.command import Command
from domain.kernel.money import Money
from domain.stockroom.count_plan import SetCountPlan
from domain.stockroom.landed_cost import AddLandedCost, Basis, LandedLine
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from domain.stockroom.relocation import Relocate, RelocateLine
from domain.stores.storage_cost import SetStorageCosts
from domain.stores.store import ChangeStore
from tests.support.commands import sell

COLD_ROOM = "cold room"
SELL_BY = date(2026, 3, 25)


def stock(kind: MoveKind, *lines: MoveLine, reference: str | None = None) -> MoveStock:
    """A stock document of the first store."""
    return MoveStock(store_id="s1", kind=kind, lines=lines, reference=reference)


def lots_and_costs() -> Iterator[Command]:
    """Two lots, one of them partly held and wasted; freight that comes late; and juice by FIFO."""
    yield ChangeStore(store_id="s1", locations=(COLD_ROOM, "back room"))
    cost = Money(amount=210, currency="CNY")
    first = MoveLine(sku="pear", quantity=30, unit_cost=cost, lot="P1", sell_by=SELL_BY, location=COLD_ROOM)
    second = MoveLine(sku="pear", quantity=20, unit_cost=cost, lot="P2", supplier_id="orchard")
    yield stock(MoveKind.RECEIPT, first, second, reference="delivery-1")
    moved = RelocateLine(sku="pear", quantity=10, lot="P1", from_location=COLD_ROOM)
    yield Relocate(store_id="s1", lines=(moved,))
    yield sell(("pear", 12), sale_id="lots")
    yield stock(MoveKind.QUARANTINE, MoveLine(sku="pear", quantity=6, lot="P2", reason="recalled"))
    yield stock(MoveKind.RELEASE, MoveLine(sku="pear", quantity=2, lot="P2"))
    spoiled = MoveLine(sku="pear", quantity=3, lot="P2", reason="spoiled", from_quarantine=True)
    yield stock(MoveKind.WASTE, spoiled)
    yield AddLandedCost(
        store_id="s1",
        amount=Money(amount=1_000, currency="CNY"),
        basis=Basis.QUANTITY,
        lines=(LandedLine(sku="pear", quantity=30, lot="P1"), LandedLine(sku="pear", quantity=20, lot="P2")),
        reference="bill-1",
    )
    yield SetCountPlan(store_id="s1", plan=CountPlan(a_days=7))
    yield SetStorageCosts(
        store_id="s1",
        costs={
            "": Money(amount=300_000, currency="CNY"),
            COLD_ROOM: Money(amount=80_000, currency="CNY"),
        },
    )
    yield SetStockPolicy(cost_method=CostMethod.FIFO)
    yield stock(MoveKind.RECEIPT, MoveLine(sku="juice", quantity=10, unit_cost=cost), reference="delivery-2")
    yield SetStockPolicy(cost_method=CostMethod.AVERAGE)
