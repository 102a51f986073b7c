"""Which product a barcode means: decided under the lock, so that no code ever means two."""

from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.catalog.barcode import GTIN_DIGITS, ScaleCode, is_gtin
from domain.catalog.product import PRODUCT, BarcodesSet
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand, Refusal
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind

MAX_BARCODES = 50
"""Of one product: as many packs and suppliers as it may have."""
MAX_LAYOUTS = 20
MAIN = "main"
"""The one stream of the scales' layouts."""


class BarcodeAssigned(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The code means this product; without one it means none any more, and may be given to another.

    As a `label` it is that of a markdown of the product, for ever.
    """

    TYPE: ClassVar = "barcode.assigned.v1"
    code: str
    sku: str | None = None
    label: bool = False


class ScalesSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """In these layouts the shops' scales print prices and weights."""

    TYPE: ClassVar = "scales.set.v1"
    layouts: tuple[ScaleCode, ...]


class Barcode(msgspec.Struct, frozen=True, kw_only=True):
    """What a code means, if anything: a product, or as a `label` what is marked down of it."""

    sku: str | None = None
    label: bool = False


class Scales(msgspec.Struct, frozen=True, kw_only=True):
    """The layouts of the shops' scales."""

    layouts: tuple[ScaleCode, ...] = ()


def evolve(state: Barcode, event: Event) -> Barcode:
    """What the code means after `event`."""
    return Barcode(sku=event.sku, label=event.label) if isinstance(event, BarcodeAssigned) else state


def evolve_scales(state: Scales, event: Event) -> Scales:
    """The layouts after `event`."""
    return Scales(layouts=event.layouts) if isinstance(event, ScalesSet) else state


BARCODE = StreamKind("barcode", Barcode(), evolve)
SCALES = StreamKind("scales", Scales(), evolve_scales)


class BarcodeTaken(Refusal):
    """Another product has the code."""

    code = "barcode_taken"


def barcode_id(number: str, *, of_scale: bool = False) -> str:
    """The stream of a code. The same number is the same code, however many noughts stand before it."""
    return f"scale.{number}" if of_scale else number.zfill(GTIN_DIGITS)


class SetBarcodes(Command, frozen=True, kw_only=True):
    """Sets by which codes a product is found: codes of the trade, and the numbers that scales print."""

    sku: str
    barcodes: tuple[str, ...] = ()
    scale_numbers: tuple[str, ...] = ()
    expected_version: int | None = None

    def streams(self) -> Iterable[str]:
        yield PRODUCT.stream(self.sku)
        for id_ in _ids(self.barcodes, self.scale_numbers):
            yield BARCODE.stream(id_)

    def linked(self, states: States) -> Iterable[str]:
        product = states.of(PRODUCT, self.sku)
        for id_ in _ids(product.barcodes, product.scale_numbers):
            yield BARCODE.stream(id_)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = PRODUCT.stream(self.sku)
        product = states.require(PRODUCT, self.sku)
        states.require_version(stream, self.expected_version)
        self._check()
        wanted = _ids(self.barcodes, self.scale_numbers)
        had = _ids(product.barcodes, product.scale_numbers)
        for id_ in wanted:
            known = states.of(BARCODE, id_)
            if known.sku not in {None, self.sku}:
                raise BarcodeTaken("Another product has the code.", barcode=id_, sku=known.sku)
            if known.label:
                raise BarcodeTaken("It is the code of a markdown's label.", barcode=id_, sku=known.sku)
        events: list[tuple[str, Event]] = [
            (BARCODE.stream(id_), BarcodeAssigned(code=id_)) for id_ in had if id_ not in wanted
        ]
        events += [
            (BARCODE.stream(id_), BarcodeAssigned(code=id_, sku=self.sku)) for id_ in wanted if id_ not in had
        ]
        if (self.barcodes, self.scale_numbers) != (product.barcodes, product.scale_numbers):
            new = BarcodesSet(sku=self.sku, barcodes=self.barcodes, scale_numbers=self.scale_numbers)
            events.append((stream, new))
        return Decision(events=tuple(events), result=Done(id=self.sku))

    def _check(self) -> None:
        ids = _ids(self.barcodes, self.scale_numbers)
        if len(ids) > MAX_BARCODES or len(set(ids)) < len(ids):
            raise InvalidCommand(f"A product has up to {MAX_BARCODES} codes, each once.")
        for code in self.barcodes:
            if not is_gtin(code):
                raise InvalidCommand(
                    "A barcode has 8, 12, 13 or 14 digits, the last of them the check digit.", barcode=code
                )
        for number in self.scale_numbers:
            if not (number.isascii() and number.isdecimal() and 3 <= len(number) < GTIN_DIGITS):
                raise InvalidCommand(
                    "A scale's number is the prefix and the item's digits, without the price.", number=number
                )


class SetScales(Command, frozen=True, kw_only=True):
    """Sets the layouts of the shops' scales; of two that fit a code the longer prefix counts."""

    layouts: tuple[ScaleCode, ...]
    expected_version: int | None = None

    def streams(self) -> tuple[str, ...]:
        return (SCALES.stream(MAIN),)

    def decide(self, states: States, at: Moment) -> Decision:
        states.require_version(SCALES.stream(MAIN), self.expected_version)
        prefixes = {layout.prefix for layout in self.layouts}
        if len(self.layouts) > MAX_LAYOUTS or len(prefixes) < len(self.layouts):
            raise InvalidCommand(f"There are up to {MAX_LAYOUTS} layouts, each with a prefix of its own.")
        for layout in self.layouts:
            if not layout.is_well_formed():
                raise InvalidCommand(
                    "Prefix (02 or 20 to 29 first), item, value and check digits make thirteen.",
                    prefix=layout.prefix,
                )
        if states.of(SCALES, MAIN).layouts == self.layouts:
            return Decision(events=(), result=Done(id=MAIN))
        return Decision(
            events=((SCALES.stream(MAIN), ScalesSet(layouts=self.layouts)),), result=Done(id=MAIN)
        )


def _ids(barcodes: Iterable[str], scale_numbers: Iterable[str]) -> list[str]:
    return [
        *(barcode_id(code) for code in barcodes),
        *(barcode_id(number, of_scale=True) for number in scale_numbers),
    ]
