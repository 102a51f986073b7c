"""Links between records: that several are one person, that they are not, and that a link was undone.

A link moves nothing. Sales, points and cases keep the id that they named. (Decision 0070.)
"""

from typing import ClassVar

from domain.kernel.errors import Refusal
from domain.kernel.event import Event


class CustomerMerged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The other record is the same person; this one speaks for them from now on."""

    TYPE: ClassVar = "customer.merged.v1"
    customer_id: str
    other_id: str


class CustomerMergedInto(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The survivor speaks for this record, and for all that this one spoke for."""

    TYPE: ClassVar = "customer.merged_into.v1"
    customer_id: str
    survivor_id: str


class CustomerUnmerged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The other record speaks for itself again."""

    TYPE: ClassVar = "customer.unmerged.v1"
    customer_id: str
    other_id: str


class CustomerUnmergedFrom(Event, frozen=True, kw_only=True, omit_defaults=True):
    """This record speaks for itself again."""

    TYPE: ClassVar = "customer.unmerged_from.v1"
    customer_id: str
    survivor_id: str


class CustomerToldApart(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody looked: the other record is another person, however alike they are. It stands with both."""

    TYPE: ClassVar = "customer.told_apart.v1"
    customer_id: str
    other_id: str


class CustomerIsMerged(Refusal):
    """Another record speaks for this one."""

    code = "customer_merged"
