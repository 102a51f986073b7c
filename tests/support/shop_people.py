"""What is known of some of the story's customers, and somebody who was forgotten."""

from collections.abc import Iterator

from domain.catalog.fields import SetProductFields
from domain.customers.fields import SetCustomerFields
from domain.customers.forgetting import EraseCustomer
from domain.customers.profile import SetAddress, SetProfile
from domain.fields.field import DefineField, FieldType, Subject
from domain.kernel.command import Command
from tests.support.commands import register
from tests.support.facts import sealed

HOUSEHOLD = ("c1", "c2")
FORGOTTEN = "forgotten"


def known_people() -> Iterator[Command]:
    """Two who live together, one of them with an address; a third lived with them and is forgotten."""
    yield register(FORGOTTEN)
    for customer_id in (*HOUSEHOLD, FORGOTTEN):
        yield SetProfile(customer_id=customer_id, tags=("neighbours",), household_id="h1")
    for subject, name in (
        (Subject.PRODUCT, "brand"),
        (Subject.PRODUCT, "size"),
        (Subject.PRODUCT, "variety"),
    ):
        yield DefineField(subject=subject, name=name, label=name.title(), type=FieldType.TEXT)
    yield SetProductFields(sku="apple", values={"brand": "Orchard", "variety": "Fuji"})
    yield SetProductFields(sku="juice", values={"brand": "Spring", "size": "1 l"})
    yield SetProductFields(sku="pear", values={"brand": "Orchard"})
    yield DefineField(subject=Subject.CUSTOMER, name="newsletter", label="News", type=FieldType.BOOLEAN)
    yield SetCustomerFields(customer_id="c2", values={"newsletter": True})
    yield SetAddress(customer_id="c1", place="home", address=sealed("Via Po 2"))
    yield EraseCustomer(customer_id=FORGOTTEN, reason="request")
