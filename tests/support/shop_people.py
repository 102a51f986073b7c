"""What is known of some of the story's customers, and somebody who was forgotten."""

from collections.abc import Iterator

from domain.customers.forgetting import EraseCustomer
from domain.customers.profile import SetAddress, SetProfile
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
    yield SetAddress(customer_id="c1", place="home", address=sealed("Via Po 2"))
    yield EraseCustomer(customer_id=FORGOTTEN, reason="request")
