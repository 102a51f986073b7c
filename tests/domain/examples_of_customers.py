"""Examples of what is known of customers beside name and numbers, for tests/domain/examples.py."""

from domain.customers.facts import AddressRemoved, AddressSet, CustomerProfileSet
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
    AddressRemoved: (AddressRemoved(customer_id="c1", place="home"),),
}
