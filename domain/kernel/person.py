"""One person, many records: the ids under which a customer is known, for strangers to customers.

A person is a survivor and the records merged into it. There are no chains: a survivor is merged into nobody.
"""

from collections.abc import Iterable

from domain.kernel.stream import States


def person_streams(states: States, customer_id: str | None) -> Iterable[str]:
    """The streams of the person's other records, as far as the states tell; ask until none is new."""
    if customer_id is None:
        return ()
    state = states.state(f"customer-{customer_id}")
    if state is None:
        return ()
    if state.merged_into is None:
        return [f"customer-{other}" for other in state.others] if state.others else ()
    survivor = states.state(stream := f"customer-{state.merged_into}")
    return (stream,) if survivor is None else (stream, *(f"customer-{other}" for other in survivor.others))


def records(states: States, customer_id: str) -> tuple[str, ...]:
    """The ids of the person's records, the given one first; that alone where the states tell of no other."""
    streams = person_streams(states, customer_id)
    if not streams:
        return (customer_id,)
    ids = dict.fromkeys((customer_id, *(stream.partition("-")[2] for stream in streams)))
    return tuple(ids)
