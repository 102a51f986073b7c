"""What several records of one person say together."""

from collections.abc import Iterable, Sequence

from domain.customers.customer import CUSTOMER, Consent, Customer
from domain.kernel.person import records
from domain.kernel.stream import States


def records_of(states: States, customer_id: str) -> list[Customer]:
    """The records of the person, the named one first. Needs the streams of `person_streams`."""
    return [states.of(CUSTOMER, id_) for id_ in records(states, customer_id)]


def consents_in_force(person: Sequence[Customer]) -> tuple[Consent, ...]:
    """What the person agrees to, the stricter record winning: what one withdrew, none gives.

    A consent that was given after the merge answers the withdrawals that it names.
    """
    found: dict[tuple[str, str], Consent] = {}
    for record in person:
        for consent in record.consents:
            about = (consent.purpose, consent.channel)
            against = (other for other in person if about in other.withdrawn)
            if about not in found and all(other.customer_id in consent.over for other in against):
                found[about] = consent
    return tuple(found.values())


def segments_of(person: Iterable[Customer]) -> tuple[str, ...]:
    """Every group that one of the person's records is in."""
    return tuple(sorted({segment for record in person for segment in record.groups}))
