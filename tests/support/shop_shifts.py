"""What happens at the tills of the story beside its sales: shifts, counts, closings, and an offline batch."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.checkout.close_period import ClosePeriod
from domain.checkout.pricing import BasketLine
from domain.checkout.record_sale import RecordSale
from domain.checkout.shifts import CloseShift, CountDrawer, MoveCash, OpenShift
from domain.checkout.void_basket import RecordVoid
from domain.kernel.command import Command
from domain.sales.parked import EndParking, ParkBasket, ParkedLine
from domain.sales.settle import SettleException
from domain.tills.shift import CashMove, MethodSum
from domain.tills.till import Period
from domain.tills.void import VoidedLine
from tests.support.facts import cash

TILLS = (("s1", "till-1"), ("s2", "till-2"))


def shifts_begin(beginning: datetime) -> Iterator[tuple[Command, datetime]]:
    """One till of each store opens a shift before the first sale."""
    for store_id, register_id in TILLS:
        yield OpenShift(store_id=store_id, register_id=register_id, float_minor=20_000), beginning


def shifts_end(end: datetime, sold_at: datetime) -> Iterator[tuple[Command, datetime]]:
    """They are counted and closed, the next ones open, and what was sold offline meanwhile comes late."""
    for store_id, register_id in TILLS:
        yield (
            MoveCash(
                store_id=store_id,
                register_id=register_id,
                kind=CashMove.DROP,
                amount_minor=10_000,
                reason="safe",
            ),
            end,
        )
        yield (
            MoveCash(
                store_id=store_id,
                register_id=register_id,
                kind=CashMove.PAY_IN,
                amount_minor=500,
                reason="small change",
            ),
            end,
        )
        yield (
            MoveCash(
                store_id=store_id,
                register_id=register_id,
                kind=CashMove.PAY_OUT,
                amount_minor=50,
                reason="stamps",
            ),
            end,
        )
        yield (
            RecordVoid(
                store_id=store_id,
                register_id=register_id,
                void_id=f"void-{store_id}",
                whole=False,
                lines=(VoidedLine(sku="pear", quantity=1, amount_minor=420),),
                reason="mistyped",
            ),
            end,
        )
        yield (
            CountDrawer(
                store_id=store_id,
                register_id=register_id,
                counted=(MethodSum(method="cash", amount_minor=9_900),),
            ),
            end,
        )
        yield CloseShift(store_id=store_id, register_id=register_id), end
        yield ClosePeriod(store_id=store_id, register_id=register_id, period=Period.DAY), end
        yield (
            OpenShift(store_id=store_id, register_id=register_id, float_minor=5_000),
            end + timedelta(hours=1),
        )
        yield (
            RecordSale(
                store_id=store_id,
                register_id=register_id,
                sale_id=f"offline-{store_id}",
                lines=(BasketLine(sku="pear", quantity=2), BasketLine(sku="apple", quantity=1)),
                unit_prices_minor=(400, None),
                charged_minor=(800, 300),
                tenders=(cash(2000),),
            ),
            sold_at,
        )
        settle = SettleException(
            store_id=store_id, sale_id=f"offline-{store_id}", number=1, reason="old price label"
        )
        yield settle, end + timedelta(hours=2)
    for number, discard in enumerate((False, True)):
        parked_id, till = f"parked-{number}", TILLS[number]
        yield (
            ParkBasket(
                parked_id=parked_id,
                store_id=till[0],
                register_id=till[1],
                lines=(ParkedLine(sku="pear", quantity=2),),
            ),
            end,
        )
        yield (
            EndParking(parked_id=parked_id, store_id=till[0], register_id="till-9", discard=discard),
            end,
        )
