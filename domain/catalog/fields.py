"""Noting a merchant's own fields of a product."""

import msgspec

from domain.catalog.product import PRODUCT, ProductFieldsSet, evolve
from domain.fields.field import FIELDS, FieldValue, Subject, check_values, require_complete
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.stream import States


class SetProductFields(Command, frozen=True, kw_only=True):
    """Notes the given values and removes those that are named in `removed`; the others stay."""

    sku: str
    values: dict[str, FieldValue] = msgspec.field(default_factory=dict)
    removed: tuple[str, ...] = ()
    expected_version: int | None = None

    def streams(self) -> tuple[str, ...]:
        return (PRODUCT.stream(self.sku), FIELDS.stream(Subject.PRODUCT))

    def decide(self, states: States, at: Moment) -> Decision:
        stream = PRODUCT.stream(self.sku)
        product = states.require(PRODUCT, self.sku)
        states.require_version(stream, self.expected_version)
        fields = states.of(FIELDS, Subject.PRODUCT)
        check_values(fields, self.values, product.fields)
        require_complete(fields, {*product.fields, *self.values}.difference(self.removed))
        event = ProductFieldsSet(sku=self.sku, values=self.values, removed=tuple(sorted(self.removed)))
        events = ((stream, event),) if evolve(product, event) != product else ()
        return Decision(events=events, result=Done(id=self.sku))
