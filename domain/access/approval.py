"""Approvals: a second person lets somebody go beyond their limit, once, for one thing, within minutes."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar

import msgspec

from domain.access.limits import Limits, Operation
from domain.kernel.allowance import Allowance
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import Refusal
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind

GOOD_FOR = timedelta(minutes=5)
"""Long enough to walk back to the till, too short to be kept for another customer."""


class ApprovalRequired(Refusal):
    """It is beyond the limit of whoever does it: a second person must approve."""

    code = "approval_required"


class ApprovalUnfit(Refusal):
    """The approval is for something else, for less than is needed, or over."""

    code = "approval_unfit"


class ApprovalOwn(Refusal):
    """Nobody approves what they do themselves."""

    code = "approval_own"


class ApprovalSpent(Refusal):
    """The approval has been used."""

    code = "approval_spent"


class ApprovalBeyondLimit(Refusal):
    """Nobody approves more than they might do themselves."""

    code = "approval_beyond_limit"


class ApprovalGranted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody lets another do `operation` on `target`, up to a figure in the limit's unit.

    The target is a sale, a return, a register, a gift card, a customer or a case, by the operation; the store
    "*" where it concerns all of them.
    """

    TYPE: ClassVar = "approval.granted.v1"
    approval_id: str
    operation: Operation
    store_id: str
    target: str
    up_to: int
    currency: str | None = None
    approved_by: str
    expires_at: datetime


class ApprovalUsed(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The approval was used for `document` (`return-…`, `sale-…`, `till-…`) and is spent."""

    TYPE: ClassVar = "approval.used.v1"
    approval_id: str
    used_by: str
    document: str
    needed: int


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """An approval as decisions see it."""

    granted: ApprovalGranted | None = None
    used: bool = False


def evolve(state: Approval, event: Event) -> Approval:
    """The approval after `event`."""
    match event:
        case ApprovalGranted():
            return Approval(granted=event)
        case ApprovalUsed():
            return Approval(granted=state.granted, used=True)
        case _:
            return state


APPROVAL = StreamKind("approval", Approval(), evolve)


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """Who does something that has a limit, how far they may go alone, and the approvals that they bring.

    More than one, `other_approvals`, are brought where two operations of one decision need one each.
    """

    person: str
    limits: Limits
    approval_id: str | None = None
    other_approvals: tuple[str, ...] = ()

    @property
    def approvals(self) -> tuple[str, ...]:
        """All that are brought."""
        return self.other_approvals if self.approval_id is None else (self.approval_id, *self.other_approvals)

    def streams(self) -> Iterable[str]:
        """What a decision must look at to know whether an approval is good."""
        return (APPROVAL.stream(approval_id) for approval_id in self.approvals)

    def without(self, events: Iterable[tuple[str, Event]]) -> "Authority":
        """The same without the approvals that were used by these facts."""
        used = {event.approval_id for _, event in events if isinstance(event, ApprovalUsed)}
        if not used:
            return self
        left = tuple(approval_id for approval_id in self.approvals if approval_id not in used)
        return msgspec.structs.replace(self, approval_id=None, other_approvals=left)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is about to be done: `needed` is in the limit's unit, `document` the stream that will tell it.

    With `by_two` whoever has a limit does it with a second person, however little it is.
    """

    operation: Operation
    store_id: str
    target: str
    needed: int
    currency: str | None = None
    document: str
    by_two: bool = False


Allowed = tuple[Allowance | None, tuple[tuple[str, Event], ...]]


def allow(states: States, at: Moment, authority: Authority | None, request: Request) -> Allowed:
    """By what right it may be done, and the use of an approval; nothing for those without a limit.

    An approval is looked at only where the limit does not suffice, so what needs none spends none.
    """
    limit = None if authority is None else authority.limits.up_to(request.operation, request.currency)
    if authority is None or limit is None:
        return None, ()
    if request.by_two or request.operation is Operation.EXCEPTION:
        # Whoever has a limit makes no exception alone, and a second one allows it within theirs.
        limit = 0
    if request.needed <= limit:
        return Allowance(limit=limit, needed=request.needed), ()
    brought = authority.approvals
    if len(brought) > 1:
        brought = tuple(each for each in brought if _is_meant(states.of(APPROVAL, each).granted, request))
    if not brought:
        raise ApprovalRequired(
            f"This {request.operation} is beyond your limit. Have a second person approve it.",
            operation=request.operation.value,
            store_id=request.store_id,
            target=request.target,
            limit=limit,
            needed=request.needed,
            currency=request.currency,
        )
    granted = _require_good(states, at, authority, request, brought[0])
    allowance = Allowance(
        limit=limit, needed=request.needed, approval_id=granted.approval_id, approved_by=granted.approved_by
    )
    used = ApprovalUsed(
        approval_id=granted.approval_id,
        used_by=authority.person,
        document=request.document,
        needed=request.needed,
    )
    return allowance, ((APPROVAL.stream(granted.approval_id), used),)


def _is_meant(granted: ApprovalGranted | None, request: Request) -> bool:
    """Whether an approval was given for this, however much; True for one that there is not."""
    if granted is None:
        return True
    meant = (granted.operation, granted.store_id, granted.target, granted.currency)
    return meant == (request.operation, request.store_id, request.target, request.currency)


def _require_good(
    states: States, at: Moment, authority: Authority, request: Request, approval_id: str
) -> ApprovalGranted:
    approval = states.require(APPROVAL, approval_id)
    granted = approval.granted
    assert granted is not None
    if approval.used:
        raise ApprovalSpent("The approval has been used. Ask for a new one.")
    if granted.approved_by == authority.person:
        raise ApprovalOwn("It takes a second person: nobody approves what they do themselves.")
    if at.recorded_at >= granted.expires_at:
        raise ApprovalUnfit(
            "The approval is over. Ask for a new one.", expires_at=granted.expires_at.isoformat()
        )
    if not _is_meant(granted, request):
        raise ApprovalUnfit(
            "The approval is for something else.", operation=granted.operation.value, target=granted.target
        )
    if request.needed > granted.up_to:
        raise ApprovalUnfit("More is needed than was approved.", up_to=granted.up_to, needed=request.needed)
    return granted


class GrantApproval(Command, frozen=True, kw_only=True):
    """Approves in advance what a colleague is about to do, up to a figure within one's own limit."""

    RESULT: ClassVar = ApprovalGranted

    approval_id: str
    operation: Operation
    store_id: str
    target: str
    up_to: int
    currency: str | None = None
    authority: Authority

    def streams(self) -> Iterable[str]:
        yield APPROVAL.stream(self.approval_id)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = APPROVAL.stream(self.approval_id)
        states.require_absent(stream)
        limit = self.authority.limits.up_to(self.operation, self.currency)
        if limit is not None and self.up_to > limit:
            raise ApprovalBeyondLimit(
                "This is beyond your own limit. Have somebody with a higher one approve it.",
                limit=limit,
                needed=self.up_to,
            )
        granted = ApprovalGranted(
            approval_id=self.approval_id,
            operation=self.operation,
            store_id=self.store_id,
            target=self.target,
            up_to=self.up_to,
            currency=self.currency,
            approved_by=self.authority.person,
            expires_at=at.recorded_at + GOOD_FOR,
        )
        return Decision(events=((stream, granted),), result=granted)
