"""What stores sell, at which prices."""

from domain.catalog.barcodes import BarcodeAssigned, ScalesSet
from domain.catalog.markdown import LabelsCameBack, LabelsSold, MarkdownEnded, MarkdownMade
from domain.catalog.price_list import PriceListEnded, PriceListPublished, PriceListRepriced
from domain.catalog.product import BarcodesSet, PriceSet, ProductAdded, ProductChanged, ProductFieldsSet
from domain.catalog.tax_rates import TaxRateSet
from domain.kernel.quantity import Unit
from domain.stores.store import StoreChanged, StoreOpened
from workers.audit_words.telling import fields, money, noted_in, percent, words


@words(StoreOpened)
def _(event: StoreOpened) -> str:
    return f"opened as {event.name!r}, in {event.currency} and the time zone {event.time_zone}"


@words(StoreChanged)
def _(event: StoreChanged) -> str:
    changed = fields(event, but=("store_id", "cash_unit_minor"))
    coin = "" if event.cash_unit_minor is None else f"cash in steps of {money(event.cash_unit_minor)}, "
    return f"changed: {coin}{changed}".rstrip(", ")


@words(ProductAdded)
def _(event: ProductAdded) -> str:
    per = "piece" if event.unit is Unit.PIECE else "kilogram"
    price = money(event.price_minor, event.currency)
    tax = "by category" if event.tax_by_category else percent(event.tax_rate_bp)
    return f"added as {event.name!r} ({event.category}) at {price} a {per}, tax {tax}"


@words(ProductFieldsSet)
def _(event: ProductFieldsSet) -> str:
    return f"noted: {noted_in(event.values, event.removed)}"


@words(ProductChanged)
def _(event: ProductChanged) -> str:
    price = "" if event.price_minor is None else f"price {money(event.price_minor)}, "
    floor = "" if event.floor_minor is None else f"floor price {money(event.floor_minor)}, "
    piece = "" if event.piece is None else f"{money(event.piece.price_minor)} a piece, "
    others = fields(event, but=("sku", "price_minor", "floor_minor", "piece"))
    return f"changed: {price}{floor}{piece}{others}"


@words(PriceSet)
def _(event: PriceSet) -> str:
    in_list = f"list {event.list_id} in version {event.version}"
    if event.price_minor is None:
        return f"left price {in_list}"
    piece = event.piece_price_minor
    by_piece = "" if piece is None else f", {money(piece)} a piece"
    return f"costs {money(event.price_minor)}{by_piece} by price {in_list}"


@words(BarcodesSet)
def _(event: BarcodesSet) -> str:
    codes = ", ".join([*event.barcodes, *(f"scale number {number}" for number in event.scale_numbers)])
    return f"is found by {codes or 'no barcode'}"


@words(PriceListPublished)
def _(event: PriceListPublished) -> str:
    one = event.price_list
    stores = ", ".join(one.stores) or "every store"
    customers = ", ".join(one.segments) or "every customer"
    return (
        f"price list {one.list_id} {one.name!r} counts in version {one.version}: {stores}, {customers}, "
        f"from {one.valid_from or 'ever'} until {one.valid_until or 'ever'}"
    )


@words(PriceListRepriced)
def _(event: PriceListRepriced) -> str:
    return (
        f"price list {event.list_id} has new prices of {event.products} products in version {event.version}"
    )


@words(PriceListEnded)
def _(event: PriceListEnded) -> str:
    return f"price list {event.list_id} ended with version {event.version}"


@words(TaxRateSet)
def _(event: TaxRateSet) -> str:
    rate = "has no tax rate" if event.rate_bp is None else f"is taxed at {percent(event.rate_bp)}"
    return f"category {event.category!r} {rate} from {event.valid_from} on"


@words(MarkdownMade)
def _(event: MarkdownMade) -> str:
    fixed = event.price_minor
    price = f"{percent(event.off_bp)} off" if fixed is None else f"at {money(fixed)}"
    labels = f"{event.labels} labels for product {event.sku} of lot {event.lot} {price}"
    return f"{labels} until {event.until}: {event.reason}"


@words(LabelsSold)
def _(event: LabelsSold) -> str:
    return f"{event.labels} sold in sale {event.sale_id}"


@words(LabelsCameBack)
def _(event: LabelsCameBack) -> str:
    return f"{event.labels} came back to the shelf in return {event.return_id}"


@words(MarkdownEnded)
def _(event: MarkdownEnded) -> str:
    return "is worth nothing any more"


@words(BarcodeAssigned)
def _(event: BarcodeAssigned) -> str:
    if event.label:
        return f"is the label of a markdown of product {event.sku}"
    return "means no product any more" if event.sku is None else f"means product {event.sku}"


@words(ScalesSet)
def _(event: ScalesSet) -> str:
    layouts = ", ".join(f"{layout.prefix} with a {layout.measure}" for layout in event.layouts)
    return f"scales print codes that begin with {layouts or 'nothing of their own'}"
