"""The record of doors: every change of keys, people and roles as an event, without names or secrets.

The doors themselves stand in the control schema. A change is recorded here before it counts there.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

import msgspec

from domain.access.limits import GivenLimits
from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind


class RoleInStore(msgspec.Struct, frozen=True, kw_only=True):
    """A role and where it holds; store "*" is every store."""

    role: str
    store_id: str


class KeyIssued(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An API key exists. `stores` None means every store; `successor_of` is the key that it replaces."""

    TYPE: ClassVar = "access.key_issued.v1"
    key_id: str
    scopes: tuple[str, ...]
    stores: tuple[str, ...] | None = None
    expires_at: datetime | None = None
    successor_of: str | None = None


class KeyEnded(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A key opens nothing from `ends_at` on: it was revoked, or a successor takes over."""

    TYPE: ClassVar = "access.key_ended.v1"
    key_id: str
    ends_at: datetime | None = None
    successor: str | None = None


class UserAdded(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A person may sign in, with these roles. The name to sign in with stands only in the control schema."""

    TYPE: ClassVar = "access.user_added.v1"
    user_id: str
    roles: tuple[RoleInStore, ...]
    limits: GivenLimits | None = None
    employee_id: str | None = None


class UserChanged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The named things of a person are new; roles and limits replace all that there were."""

    TYPE: ClassVar = "access.user_changed.v1"
    user_id: str
    roles: tuple[RoleInStore, ...] | None = None
    limits: GivenLimits | None = None
    disabled: bool | None = None
    password_reset: bool = False
    employee_id: str | None = None


class PasswordChanged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A person chose another password; all of their sessions ended."""

    TYPE: ClassVar = "access.password_changed.v1"
    user_id: str


class UserErased(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The person is forgotten: nobody signs in as them any more, and no name of theirs is left."""

    TYPE: ClassVar = "access.user_erased.v1"
    user_id: str
    reason: str


class RoleDefined(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A role of the tenant's own, or its limits for a built-in one (then without permissions)."""

    TYPE: ClassVar = "access.role_defined.v1"
    role: str
    permissions: tuple[str, ...] | None = None
    limits: GivenLimits | None = None


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """How often it was changed, and whether its person was erased, which is recorded once."""

    changes: int = 0
    erased: bool = False


def evolve(state: Record, event: Event) -> Record:
    """The record after `event`."""
    match event:
        case KeyIssued() | KeyEnded() | UserAdded() | UserChanged() | PasswordChanged() | RoleDefined():
            return Record(changes=state.changes + 1, erased=state.erased)
        case UserErased():
            return Record(changes=state.changes + 1, erased=True)
        case _:
            return state


ACCESS = StreamKind("access", Record(), evolve)


class RecordAccess(Command, frozen=True, kw_only=True):
    """Records a change of the doors, an erasure once. VersionConflict where they changed in between.

    `employee_id` is who an erased person is at work: LegalHold where that one may not be forgotten.
    """

    id: str
    event: Event
    expected_version: int | None = None
    employee_id: str | None = None

    def streams(self) -> Iterable[str]:
        yield ACCESS.stream(self.id)
        if self.employee_id is not None:
            yield f"employee-{self.employee_id}"

    def decide(self, states: States, at: Moment) -> Decision:
        stream = ACCESS.stream(self.id)
        states.require_version(stream, self.expected_version)
        again = isinstance(self.event, UserErased) and states.of(ACCESS, self.id).erased
        if self.employee_id is not None and not again:
            states.require_free(f"employee-{self.employee_id}")
        return Decision(events=() if again else ((stream, self.event),), result=Done(id=self.id))
