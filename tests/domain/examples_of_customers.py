"""Examples of what is known of customers beside name and numbers, for tests/domain/examples.py."""

from domain.catalog.product import ProductFieldsSet
from domain.customers.facts import AddressRemoved, AddressSet, CustomerFieldsSet, CustomerProfileSet
from domain.fields.field import FieldDefined, FieldType, Subject
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed


def _box(place: str) -> Sealed:
    return Sealed(key_id="key-1", subject="customer-c1", place=place, box="bm9uY2UrYm94")


CUSTOMER_EXAMPLES: dict[type[Event], tuple[Event, ...]] = {
    CustomerProfileSet: (
        CustomerProfileSet(
            customer_id="c1",
            gender=_box("customer.profile_set.v1/gender"),
            card=_box("customer.profile_set.v1/card"),
            tags=("early-bird", "vegetarian"),
            acquisition="trade-fair",
            owner_id="e1",
            household_id="h1",
        ),
        CustomerProfileSet(customer_id="c1"),
        CustomerProfileSet(
            customer_id="c1",
            gender=None,
            card=None,
            tags=(),
            acquisition=None,
            owner_id=None,
            household_id=None,
        ),
    ),
    AddressSet: (
        AddressSet(customer_id="c1", place="home", address=_box("customer.address_set.v1/address")),
    ),
    CustomerFieldsSet: (
        CustomerFieldsSet(
            customer_id="c1",
            values={"newsletter": True, "shape": "round"},
            personal={"shoe_size": _box("customer.fields_set.v1/personal/shoe_size")},
            removed=("old",),
        ),
        CustomerFieldsSet(customer_id="c1"),
    ),
    ProductFieldsSet: (
        ProductFieldsSet(sku="apple", values={"brand": "Orchard", "stars": 4}, removed=("old",)),
        ProductFieldsSet(sku="apple"),
    ),
    FieldDefined: (
        FieldDefined(
            subject=Subject.CUSTOMER,
            name="shape",
            label="Shape",
            type=FieldType.CHOICE,
            required=True,
            personal=True,
            choices=("round", "square"),
            retired=True,
        ),
        FieldDefined(subject=Subject.PRODUCT, name="brand", label="Brand", type=FieldType.TEXT),
    ),
    AddressRemoved: (AddressRemoved(customer_id="c1", place="home"),),
}
