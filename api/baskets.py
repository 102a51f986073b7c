"""What a till wants to sell: lines by SKU or by what was scanned."""

import re
from collections.abc import Iterable, Sequence

import msgspec

from api.errors import Problem
from api.money import Amount
from api.requests import Body, Cause, Positive, Text
from domain.catalog.barcode import Scanned, read
from domain.catalog.barcodes import BARCODE, MAIN, SCALES, barcode_id
from domain.catalog.markdown import MARKDOWN
from domain.checkout.line_prices import BasketLine
from domain.kernel.errors import NotFound
from domain.kernel.ids import ID_PATTERN, Id
from domain.kernel.quantity import Unit
from infra.tenancy import Tenant

_ID = re.compile(ID_PATTERN)


class BasketLineBody(Body, frozen=True, kw_only=True):
    """What is bought: a `sku` or a scanned `barcode`, and how much of it.

    `unit` chooses where a product is sold by either. The quantity is left out where a scale has printed price
    or weight into the barcode. `unit_price` overrides the list price; it needs `price_reason` and the scope
    prices:override.
    """

    sku: Id | None = None
    barcode: Text | None = None
    quantity: Positive | None = None
    unit: Unit | None = None
    unit_price: Amount | None = None
    price_reason: Cause | None = None


def currencies_of(lines: Iterable[BasketLineBody]) -> frozenset[str]:
    """The currencies of the till's own prices."""
    return frozenset(line.unit_price.currency for line in lines if line.unit_price is not None)


async def scanned_code(tenant: Tenant, code: str) -> tuple[str, Scanned]:
    """The SKU that a code means, and what else stands in it; or NotFound, or BarcodeInvalid."""
    if not code.isdecimal() and _ID.fullmatch(code):
        made = (await tenant.state_of(MARKDOWN, code)).made
        if made is not None:
            return made.sku, Scanned(number=code, label=code)
    layouts = (await tenant.state_of(SCALES, MAIN)).layouts
    scanned = read(code, layouts)
    id_ = barcode_id(scanned.number, of_scale=scanned.of_scale)
    known = await tenant.state_of(BARCODE, id_)
    if known.sku is None:
        raise NotFound("No product has this barcode. Give it to one first.", kind="barcode", id=code)
    return known.sku, msgspec.structs.replace(scanned, label=id_) if known.label else scanned


async def basket_of(tenant: Tenant, lines: Sequence[BasketLineBody]) -> tuple[BasketLine, ...]:
    """What bodies want to buy, each by its SKU or by what was scanned."""
    return tuple([_plain(line) if line.barcode is None else await _by_code(tenant, line) for line in lines])


def _plain(line: BasketLineBody) -> BasketLine:
    if line.sku is None or line.quantity is None:
        raise Problem(400, "invalid_request", "A line has a sku and a quantity, or a barcode.")
    return BasketLine(
        sku=line.sku,
        quantity=line.quantity,
        unit_price_minor=None if line.unit_price is None else line.unit_price.amount,
        price_reason=line.price_reason,
        unit=line.unit,
    )


async def _by_code(tenant: Tenant, line: BasketLineBody) -> BasketLine:
    assert line.barcode is not None
    if line.sku is not None:
        raise Problem(400, "invalid_request", "A line names a sku or a barcode, not both.")
    sku, scanned = await scanned_code(tenant, line.barcode)
    if scanned.of_scale and line.quantity is not None:
        raise Problem(400, "invalid_request", "The quantity stands in the barcode: leave it out.")
    if not scanned.of_scale and line.quantity is None:
        raise Problem(400, "invalid_request", "This barcode holds no price or weight: give a quantity.")
    return BasketLine(
        sku=sku,
        quantity=line.quantity or scanned.weight_g or 0,
        unit_price_minor=None if line.unit_price is None else line.unit_price.amount,
        price_reason=line.price_reason,
        unit=line.unit,
        label_minor=scanned.price_minor,
        barcode=line.barcode,
        label=scanned.label,
    )
