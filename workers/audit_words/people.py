"""Customers and employees: what is known of them, and that they were forgotten."""

from domain.customers.customer import (
    ConsentGiven,
    ConsentWithdrawn,
    CustomerChanged,
    CustomerErased,
    CustomerHeld,
    CustomerRegistered,
    CustomerReleased,
    DetailsExpired,
    SegmentsSet,
)
from domain.customers.facts import AddressRemoved, AddressSet, CustomerFieldsSet, CustomerProfileSet
from domain.customers.links import (
    CustomerMerged,
    CustomerMergedInto,
    CustomerToldApart,
    CustomerUnmerged,
    CustomerUnmergedFrom,
)
from domain.fields.field import FieldDefined
from domain.privacy.retention import RetentionSet
from domain.staff.employee import (
    EmployeeChanged,
    EmployeeErased,
    EmployeeHeld,
    EmployeeHired,
    EmployeeReleased,
)
from workers.audit_words.telling import count, fields, noted_in, words


@words(EmployeeHired)
def _(event: EmployeeHired) -> str:
    return f"hired at store {event.store_id}"


@words(EmployeeChanged)
def _(event: EmployeeChanged) -> str:
    return f"changed: {fields(event, but=('employee_id',))}"


@words(CustomerRegistered)
def _(event: CustomerRegistered) -> str:
    return f"registered with {fields(event, but=('customer_id',))}"


@words(CustomerChanged)
def _(event: CustomerChanged) -> str:
    return f"changed: {fields(event, but=('customer_id',))}"


@words(ConsentGiven)
def _(event: ConsentGiven) -> str:
    return f"agreed to {event.purpose} by {event.channel}, wording {event.text_version}"


@words(ConsentWithdrawn)
def _(event: ConsentWithdrawn) -> str:
    return f"took back the consent to {event.purpose} by {event.channel}"


@words(CustomerHeld)
def _(event: CustomerHeld) -> str:
    return f"may not be forgotten: {event.reason}"


@words(CustomerReleased)
def _(event: CustomerReleased) -> str:
    return f"may be forgotten again, as far as this held: {event.reason}"


@words(SegmentsSet)
def _(event: SegmentsSet) -> str:
    return f"belongs to {', '.join(event.segments) or 'no segment'}"


@words(CustomerProfileSet)
def _(event: CustomerProfileSet) -> str:
    return f"changed: {fields(event, but=('customer_id',))}"


@words(AddressSet)
def _(event: AddressSet) -> str:
    return f"has an address, {event.place}"


@words(AddressRemoved)
def _(event: AddressRemoved) -> str:
    return f"has no address {event.place} any more"


@words(CustomerMerged)
def _(event: CustomerMerged) -> str:
    return f"is the same person as customer {event.other_id}, and speaks for them"


@words(CustomerMergedInto)
def _(event: CustomerMergedInto) -> str:
    return f"is the same person as customer {event.survivor_id}, who speaks for them"


@words(CustomerUnmerged)
def _(event: CustomerUnmerged) -> str:
    return f"speaks for customer {event.other_id} no more"


@words(CustomerUnmergedFrom)
def _(event: CustomerUnmergedFrom) -> str:
    return f"speaks for itself again, and customer {event.survivor_id} no more for it"


@words(CustomerToldApart)
def _(event: CustomerToldApart) -> str:
    return f"is another person than customer {event.other_id}"


@words(CustomerFieldsSet)
def _(event: CustomerFieldsSet) -> str:
    noted = noted_in({**event.values, **dict.fromkeys(event.personal, "(sealed)")}, event.removed)
    return f"noted: {noted}"


@words(DetailsExpired)
def _(event: DetailsExpired) -> str:
    return f"forgotten after their time: {', '.join(event.parts)}"


@words(CustomerErased)
def _(event: CustomerErased) -> str:
    return f"forgotten: {event.reason}"


@words(EmployeeHeld)
def _(event: EmployeeHeld) -> str:
    return f"may not be forgotten: {event.reason}"


@words(EmployeeReleased)
def _(event: EmployeeReleased) -> str:
    return f"may be forgotten again, as far as this held: {event.reason}"


@words(EmployeeErased)
def _(event: EmployeeErased) -> str:
    return f"forgotten: {event.reason}"


@words(FieldDefined)
def _(event: FieldDefined) -> str:
    of = f"of a {event.subject}, {event.type}"
    marks = [mark for mark in ("required", "personal", "retired") if getattr(event, mark)]
    return f"field {event.name!r} ({event.label}) {', '.join([of, *marks])}"


@words(RetentionSet)
def _(event: RetentionSet) -> str:
    periods = ", ".join(f"{part} {count(days, 'day')}" for part, days in event.periods_days.items())
    return f"details are kept for: {periods or 'ever'}"
