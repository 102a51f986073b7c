"""Examples of suppliers, purchase orders and transfers, for tests/domain/examples.py."""

from datetime import date

from domain.kernel.event import Event
from domain.kernel.lot_share import LotShare
from domain.kernel.quantity import Unit
from domain.kernel.sealed import Sealed
from domain.purchasing.contact import ContactAdded, ContactErased
from domain.purchasing.order import (
    ClosedLine,
    ConfirmedLine,
    FromSuggestion,
    PurchaseCancelled,
    PurchaseClosed,
    PurchaseConfirmed,
    PurchaseDrafted,
    PurchaseLine,
    PurchaseReceived,
    PurchaseReturned,
    PurchaseSent,
    ReceivedLine,
    ReturnedLine,
)
from domain.purchasing.supplier import SupplierAdded, SupplierChanged
from domain.purchasing.supplier_return import GoodsCredited, GoodsReturned, LeavesFrom, ReturnedGoods
from domain.purchasing.terms import Terms, TermsSet
from domain.transfers.transfer import ArrivedLine, SentLine, SentLot, TransferReceived, TransferSent

_DAY = date(2026, 3, 20)


def _box(field: str) -> Sealed:
    return Sealed(key_id="k1", subject="contact-p1", place=f"contact.added.v1/{field}", box="AAAA")


_LINE = PurchaseLine(
    sku="apple",
    name="Apple",
    unit=Unit.PIECE,
    packs=5,
    pack_size=20,
    unit_cost_minor=340,
    lead_time_days=2,
    supplier_sku="A-17",
)
_PLAIN_LINE = PurchaseLine(sku="pear", name="Pear", unit=Unit.PIECE, packs=5, unit_cost_minor=340)

PURCHASING_EXAMPLES: dict[type[Event], tuple[Event, ...]] = {
    SupplierAdded: (
        SupplierAdded(
            supplier_id="orchard",
            name="Orchard Ltd",
            currency="CNY",
            registration="91310000X",
            payment_days=30,
            over_bp=500,
            short_bp=200,
        ),
        SupplierAdded(supplier_id="orchard", name="Orchard Ltd", currency="CNY"),
    ),
    SupplierChanged: (
        SupplierChanged(
            supplier_id="orchard",
            name="Orchards Ltd",
            registration="91310000Y",
            payment_days=14,
            over_bp=1_000,
            short_bp=100,
            contact_id="p1",
            active=False,
        ),
        SupplierChanged(supplier_id="orchard"),
    ),
    ContactAdded: (
        ContactAdded(
            contact_id="p1",
            supplier_id="orchard",
            name=_box("name"),
            email=_box("email"),
            phone=_box("phone"),
        ),
        ContactAdded(contact_id="p1", supplier_id="orchard", name=_box("name")),
    ),
    ContactErased: (ContactErased(contact_id="p1", reason="request"),),
    TermsSet: (
        TermsSet(
            supplier_id="orchard",
            sku="apple",
            terms=Terms(
                valid_from=_DAY,
                valid_until=date(2026, 6, 30),
                unit_cost_minor=340,
                currency="CNY",
                pack_size=20,
                minimum_packs=2,
                lead_time_days=3,
                supplier_sku="A-17",
            ),
            before_minor=320,
        ),
        TermsSet(
            supplier_id="orchard",
            sku="apple",
            terms=Terms(valid_from=_DAY, unit_cost_minor=340, currency="CNY"),
        ),
    ),
    PurchaseDrafted: (
        PurchaseDrafted(
            purchase_id="p7",
            supplier_id="orchard",
            store_id="s1",
            currency="CNY",
            lines=(_LINE, _PLAIN_LINE),
            expected_on=_DAY,
            reference="batch-3",
        ),
        PurchaseDrafted(
            purchase_id="p7", supplier_id="orchard", store_id="s1", currency="CNY", lines=(_PLAIN_LINE,)
        ),
        PurchaseDrafted(
            purchase_id="p7",
            supplier_id="orchard",
            store_id="s1",
            currency="CNY",
            lines=(_PLAIN_LINE,),
            suggestions=(FromSuggestion(sku="apple", number=2),),
        ),
    ),
    PurchaseSent: (
        PurchaseSent(purchase_id="p7", sent_on=_DAY, expected_on=date(2026, 3, 22), contact_id="p1"),
        PurchaseSent(purchase_id="p7", sent_on=_DAY, expected_on=date(2026, 3, 22)),
    ),
    PurchaseConfirmed: (
        PurchaseConfirmed(
            purchase_id="p7",
            expected_on=date(2026, 3, 23),
            lines=(ConfirmedLine(sku="apple", quantity=80, unit_cost_minor=345),),
            reference="SO-112",
        ),
        PurchaseConfirmed(purchase_id="p7", expected_on=date(2026, 3, 23)),
    ),
    PurchaseReceived: (
        PurchaseReceived(
            purchase_id="p7",
            receipt_id="g1",
            supplier_id="orchard",
            store_id="s1",
            received_on=date(2026, 3, 23),
            lead_days=3,
            lines=(
                ReceivedLine(
                    sku="apple",
                    accepted=60,
                    quarantined=10,
                    rejected=10,
                    cost_minor=24_150,
                    lot="L7",
                    sell_by=date(2026, 3, 30),
                    cause="bruised",
                ),
            ),
            reference="DN-5",
        ),
        PurchaseReceived(
            purchase_id="p7",
            receipt_id="g1",
            supplier_id="orchard",
            store_id="s1",
            received_on=date(2026, 3, 23),
            lead_days=3,
            lines=(ReceivedLine(sku="apple"),),
        ),
        PurchaseReceived(
            purchase_id="p7",
            receipt_id="g1",
            supplier_id="orchard",
            store_id="s1",
            received_on=date(2026, 3, 23),
            lead_days=3,
            lines=(ReceivedLine(sku="apple"),),
            days_late=-1,
        ),
    ),
    PurchaseClosed: (
        PurchaseClosed(
            purchase_id="p7",
            supplier_id="orchard",
            cause="received",
            lines=(ClosedLine(sku="apple", ordered=100, received=70),),
        ),
    ),
    PurchaseCancelled: (PurchaseCancelled(purchase_id="p7", cause="too late"),),
    PurchaseReturned: (
        PurchaseReturned(purchase_id="p7", return_id="b1", lines=(ReturnedLine(sku="apple", quantity=10),)),
    ),
    GoodsReturned: (
        GoodsReturned(
            return_id="b1",
            supplier_id="orchard",
            store_id="s1",
            currency="CNY",
            cause="bruised",
            lines=(
                ReturnedGoods(
                    sku="apple",
                    quantity=10,
                    from_=LeavesFrom.QUARANTINE,
                    lot="L7",
                    cost_minor=3_450,
                    claimed_minor=3_400,
                ),
            ),
            purchase_id="p7",
        ),
        GoodsReturned(
            return_id="b1",
            supplier_id="orchard",
            store_id="s1",
            currency="CNY",
            cause="bruised",
            lines=(ReturnedGoods(sku="apple", quantity=10, cost_minor=3_450, claimed_minor=3_450),),
        ),
    ),
    GoodsCredited: (
        GoodsCredited(return_id="b1", supplier_id="orchard", amount_minor=3_400, reference="CN-9"),
    ),
    TransferSent: (
        TransferSent(
            transfer_id="t1",
            from_store_id="s1",
            to_store_id="s2",
            currency="CNY",
            lines=(
                SentLine(
                    sku="apple",
                    quantity=10,
                    cost_minor=3_400,
                    shares=(
                        LotShare(lot="L7", quantity=6, cost_minor=2_040),
                        LotShare(quantity=4, cost_minor=1_360),
                    ),
                    lots=(SentLot(lot="L7", received_on=_DAY, sell_by=date(2026, 3, 30)),),
                ),
            ),
            expected_on=_DAY,
        ),
        TransferSent(
            transfer_id="t1",
            from_store_id="s1",
            to_store_id="s2",
            currency="CNY",
            lines=(SentLine(sku="apple", quantity=10, cost_minor=3_400),),
        ),
    ),
    TransferReceived: (
        TransferReceived(
            transfer_id="t1",
            receipt_id="a1",
            to_store_id="s2",
            lines=(ArrivedLine(sku="apple", good=7, damaged=2, missing=1, over=3),),
            ends=True,
        ),
        TransferReceived(
            transfer_id="t1", receipt_id="a1", to_store_id="s2", lines=(ArrivedLine(sku="apple"),)
        ),
    ),
}
