"""A store: opened once, renamed or re-clocked later. Its currency never changes."""

import enum
from typing import ClassVar

import msgspec

from domain.kernel.business_day import is_time_zone
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import InvalidCommand, NotFound
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind

MINUTES_PER_DAY = 1440
MAX_CASH_UNIT_MINOR = 10_000
MAX_LOCATIONS = 50


class TaxRounding(enum.StrEnum):
    """Where a sale's tax is rounded: on each line, or once on the document. (Domain rule "Tax".)"""

    LINE = "line"
    DOCUMENT = "document"


class StoreOpened(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A store exists. Prices include tax unless `prices_include_tax` is false.

    What is due in cash is rounded to `cash_unit_minor`, the smallest coin; 0 rounds nothing. With
    `shifts_required` a till sells only while a shift is open. `locations` are where goods stand besides the
    sales floor ("cold room").
    """

    TYPE: ClassVar = "store.opened.v1"
    store_id: str
    name: str
    currency: str
    time_zone: str
    day_starts_at_min: int = 0
    prices_include_tax: bool = True
    tax_rounding: TaxRounding = TaxRounding.LINE
    cash_unit_minor: int = 0
    shifts_required: bool = False
    address: str | None = None
    locations: tuple[str, ...] = ()


class StoreChanged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The named details are new; the others stay."""

    TYPE: ClassVar = "store.changed.v1"
    store_id: str
    name: str | None = None
    time_zone: str | None = None
    day_starts_at_min: int | None = None
    cash_unit_minor: int | None = None
    shifts_required: bool | None = None
    address: str | None = None
    locations: tuple[str, ...] | None = None


class Store(msgspec.Struct, frozen=True, kw_only=True):
    """A store as decisions see it."""

    store_id: str = ""
    name: str = ""
    currency: str = ""
    time_zone: str = "UTC"
    day_starts_at_min: int = 0
    prices_include_tax: bool = True
    tax_rounding: TaxRounding = TaxRounding.LINE
    cash_unit_minor: int = 0
    shifts_required: bool = False
    address: str | None = None
    locations: tuple[str, ...] = ()


def evolve(state: Store, event: Event) -> Store:
    """The store after `event`."""
    match event:
        case StoreOpened():
            return Store(
                store_id=event.store_id,
                name=event.name,
                currency=event.currency,
                time_zone=event.time_zone,
                day_starts_at_min=event.day_starts_at_min,
                prices_include_tax=event.prices_include_tax,
                tax_rounding=event.tax_rounding,
                cash_unit_minor=event.cash_unit_minor,
                shifts_required=event.shifts_required,
                address=event.address,
                locations=event.locations,
            )
        case StoreChanged():
            return msgspec.structs.replace(
                state,
                name=state.name if event.name is None else event.name,
                address=state.address if event.address is None else event.address,
                locations=state.locations if event.locations is None else event.locations,
                time_zone=state.time_zone if event.time_zone is None else event.time_zone,
                day_starts_at_min=(
                    state.day_starts_at_min if event.day_starts_at_min is None else event.day_starts_at_min
                ),
                cash_unit_minor=(
                    state.cash_unit_minor if event.cash_unit_minor is None else event.cash_unit_minor
                ),
                shifts_required=(
                    state.shifts_required if event.shifts_required is None else event.shifts_required
                ),
            )
        case _:
            return state


STORE = StreamKind("store", Store(), evolve)


def _check_clock(time_zone: str | None, day_starts_at_min: int | None) -> None:
    if time_zone is not None and not is_time_zone(time_zone):
        raise InvalidCommand("time_zone must be an IANA name such as Asia/Shanghai.", time_zone=time_zone)
    if day_starts_at_min is not None and not 0 <= day_starts_at_min < MINUTES_PER_DAY:
        raise InvalidCommand("day_starts_at_min must be from 0 to 1439.", day_starts_at_min=day_starts_at_min)


def _check_cash_unit(cash_unit_minor: int | None) -> None:
    if cash_unit_minor is not None and not 0 <= cash_unit_minor <= MAX_CASH_UNIT_MINOR:
        raise InvalidCommand(
            f"cash_unit_minor must be from 0 to {MAX_CASH_UNIT_MINOR}.", cash_unit_minor=cash_unit_minor
        )


def _check_locations(locations: tuple[str, ...] | None) -> None:
    named = locations or ()
    if len(named) > MAX_LOCATIONS or len(set(named)) < len(named):
        raise InvalidCommand(
            f"A store has up to {MAX_LOCATIONS} locations, each named once.", locations=len(named)
        )


def require_location(store: Store, location: str | None) -> None:
    """NotFound unless it is one of the store's, or none."""
    if location and location not in store.locations:
        raise NotFound(
            f"The store has no location {location!r}. Add it to the store, or choose another.",
            kind="location",
            id=location,
        )


class OpenStore(Command, frozen=True, kw_only=True):
    """Opens a store under an id of the caller's choice."""

    store_id: str
    name: str
    currency: str
    time_zone: str
    day_starts_at_min: int = 0
    prices_include_tax: bool = True
    tax_rounding: TaxRounding = TaxRounding.LINE
    cash_unit_minor: int = 0
    shifts_required: bool = False
    address: str | None = None
    locations: tuple[str, ...] = ()

    def streams(self) -> tuple[str, ...]:
        return (STORE.stream(self.store_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = STORE.stream(self.store_id)
        states.require_absent(stream)
        _check_clock(self.time_zone, self.day_starts_at_min)
        _check_cash_unit(self.cash_unit_minor)
        _check_locations(self.locations)
        opened = StoreOpened(
            store_id=self.store_id,
            name=self.name,
            currency=self.currency,
            time_zone=self.time_zone,
            day_starts_at_min=self.day_starts_at_min,
            prices_include_tax=self.prices_include_tax,
            tax_rounding=self.tax_rounding,
            cash_unit_minor=self.cash_unit_minor,
            shifts_required=self.shifts_required,
            address=self.address,
            locations=self.locations,
        )
        return Decision(events=((stream, opened),), result=Done(id=self.store_id))


class ChangeStore(Command, frozen=True, kw_only=True):
    """Changes the given details. A change that changes nothing writes nothing."""

    store_id: str
    name: str | None = None
    time_zone: str | None = None
    day_starts_at_min: int | None = None
    cash_unit_minor: int | None = None
    shifts_required: bool | None = None
    address: str | None = None
    locations: tuple[str, ...] | None = None
    expected_version: int | None = None

    def streams(self) -> tuple[str, ...]:
        return (STORE.stream(self.store_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = STORE.stream(self.store_id)
        store = states.require(STORE, self.store_id)
        states.require_version(stream, self.expected_version)
        _check_clock(self.time_zone, self.day_starts_at_min)
        _check_cash_unit(self.cash_unit_minor)
        _check_locations(self.locations)
        changed = StoreChanged(
            store_id=self.store_id,
            name=self.name,
            time_zone=self.time_zone,
            day_starts_at_min=self.day_starts_at_min,
            cash_unit_minor=self.cash_unit_minor,
            shifts_required=self.shifts_required,
            address=self.address,
            locations=self.locations,
        )
        events = ((stream, changed),) if evolve(store, changed) != store else ()
        return Decision(events=events, result=Done(id=self.store_id))
