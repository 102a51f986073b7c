"""Buying honey in the shop's story: suppliers, orders in every end that they have, and a transfer."""

from collections.abc import Iterator
from datetime import date

from domain.kernel.command import Command
from domain.kernel.money import Money
from domain.purchasing.contact_steps import AddContact, EraseContact
from domain.purchasing.steps import CancelPurchase, ClosePurchase, Confirmation, ConfirmPurchase
from domain.purchasing.supplier import AddSupplier, ChangeSupplier
from domain.purchasing.supplier_return import LeavesFrom, NoteCredit
from domain.purchasing.terms import Terms
from domain.stockroom.goods_in import DeliveredLine, ReceivePurchase
from domain.stockroom.purchase_drafts import DraftPurchase, DraftPurchases, SuggestedLine, WantedLine
from domain.stockroom.purchase_sending import SendPurchase
from domain.stockroom.supplier_returns import ReturnLine, ReturnToSupplier
from domain.stockroom.supply_terms import SetTerms, TermsLine
from domain.stockroom.transfer_in import ArrivingLine, ReceiveTransfer
from domain.stockroom.transfer_out import SendTransfer, TransferLine
from tests.support.commands import add_product
from tests.support.facts import sealed

SKU = "honey"


def buying() -> Iterator[Command]:
    """What is bought, received, sent back and carried over."""
    yield add_product(SKU, 4_500, tax_rate_bp=1300, category="snacks")
    yield AddSupplier(supplier_id="bees", name="Bees Ltd", currency="CNY", over_bp=500)
    yield AddSupplier(supplier_id="hive", name="Hive", currency="CNY", registration="R-2")
    yield AddContact(contact_id="p1", supplier_id="bees", name=sealed("Bo", "contact-p1"))
    yield AddContact(contact_id="p2", supplier_id="bees", name=sealed("Cy", "contact-p2"))
    yield ChangeSupplier(supplier_id="bees", payment_days=30)
    yield EraseContact(contact_id="p2", reason="left")
    for day, cost in ((1, 3_000), (10, 3_100)):
        terms = Terms(
            valid_from=date(2026, 3, day), unit_cost_minor=cost, currency="CNY", pack_size=6, lead_time_days=2
        )
        yield SetTerms(supplier_id="bees", lines=(TermsLine(sku=SKU, terms=terms),))
    yield from _orders()
    yield ReturnToSupplier(
        return_id="sr1",
        supplier_id="bees",
        store_id="s1",
        cause="leaking",
        lines=(
            ReturnLine(sku=SKU, quantity=2, from_=LeavesFrom.QUARANTINE, lot="H1"),
            ReturnLine(sku=SKU, quantity=1),
        ),
        purchase_id="bought",
    )
    yield NoteCredit(return_id="sr1", amount=Money(amount=6_000, currency="CNY"), reference="CN-1")
    yield SendTransfer(
        transfer_id="t1",
        from_store_id="s1",
        to_store_id="s2",
        lines=(TransferLine(sku=SKU, quantity=9),),
    )
    first = (ArrivingLine(sku=SKU, good=3),)
    last = (ArrivingLine(sku=SKU, good=2, damaged=1),)
    yield ReceiveTransfer(transfer_id="t1", receipt_id="a1", lines=first, more_to_come=True)
    yield ReceiveTransfer(transfer_id="t1", receipt_id="a2", lines=last)
    yield SendTransfer(
        transfer_id="t2",
        from_store_id="s2",
        to_store_id="s1",
        lines=(TransferLine(sku=SKU, quantity=2),),
        expected_on=date(2026, 3, 22),
    )


def _orders() -> Iterator[Command]:
    wanted = (WantedLine(sku=SKU, quantity=20),)
    for purchase_id in ("bought", "unwanted", "waiting"):
        yield DraftPurchase(purchase_id=purchase_id, supplier_id="bees", store_id="s1", lines=wanted)
    yield DraftPurchases(
        batch_id="batch",
        lines=(SuggestedLine(supplier_id="bees", store_id="s2", sku=SKU, quantity=5),),
    )
    yield CancelPurchase(purchase_id="unwanted", cause="changed mind")
    yield SendPurchase(purchase_id="bought")
    yield SendPurchase(purchase_id="waiting", by_mail=False)
    yield SendPurchase(purchase_id="batch.1")
    yield ConfirmPurchase(purchase_id="bought", lines=(Confirmation(sku=SKU, quantity=22),))
    lines = (
        DeliveredLine(
            sku=SKU, accepted=10, quarantined=2, lot="H1", sell_by=date(2027, 3, 1), cause="leaking"
        ),
        DeliveredLine(sku=SKU, accepted=4, rejected=1, sell_by=date(2027, 6, 1), cause="broken"),
    )
    yield ReceivePurchase(purchase_id="bought", receipt_id="g1", lines=lines)
    yield ClosePurchase(purchase_id="bought", cause="sold out")
    whole = (DeliveredLine(sku=SKU, accepted=6),)
    yield ReceivePurchase(purchase_id="batch.1", receipt_id="g2", lines=whole)
