"""Examples of customers' links, for tests/domain/examples.py."""

from domain.customers.links import (
    CustomerMerged,
    CustomerMergedInto,
    CustomerToldApart,
    CustomerUnmerged,
    CustomerUnmergedFrom,
)
from domain.kernel.event import Event

LINK_EXAMPLES: dict[type[Event], tuple[Event, ...]] = {
    CustomerMerged: (CustomerMerged(customer_id="c1", other_id="c2"),),
    CustomerMergedInto: (CustomerMergedInto(customer_id="c2", survivor_id="c1"),),
    CustomerUnmerged: (CustomerUnmerged(customer_id="c1", other_id="c2"),),
    CustomerUnmergedFrom: (CustomerUnmergedFrom(customer_id="c2", survivor_id="c1"),),
    CustomerToldApart: (CustomerToldApart(customer_id="c1", other_id="c2"),),
}
