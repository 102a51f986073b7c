"""The return policy: how long what may come back, with the receipt or without, and for which reasons."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import InvalidCommand, Refusal
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind, require_version

MAIN = "main"
"""The one policy of a tenant."""
MAX_DAYS = 36_500
MAX_TERMS = 1_000
MAX_REASONS = 100


class Terms(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many days after the sale's business day goods may come back; None is without end.

    Without the receipt it is `without_receipt_days`; 0 is the same day. What was a `final_sale` never comes
    back.
    """

    days: int | None = None
    without_receipt_days: int | None = None
    final_sale: bool = False


class Policy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Terms of a product stand before those of its category, and these before the default.

    Where `reasons` are listed a return names one of them; without a list any will do.
    """

    default: Terms = Terms()
    categories: dict[str, Terms] = {}
    skus: dict[str, Terms] = {}
    reasons: tuple[str, ...] = ()

    def terms_of(self, sku: str, category: str) -> tuple[str, Terms]:
        """The terms of a product, and what they go by: `sku`, `category` or `default`."""
        if (terms := self.skus.get(sku)) is not None:
            return "sku", terms
        if (terms := self.categories.get(category)) is not None:
            return "category", terms
        return "default", self.default


class ReturnPolicySet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """From now on returns go by this policy."""

    TYPE: ClassVar = "return_policy.set.v1"
    policy: Policy


class Policies(msgspec.Struct, frozen=True, kw_only=True):
    """The policy of today and its number, counted from 1; 0 before the first."""

    version: int = 0
    present: Policy | None = None


def evolve(state: Policies, event: Event) -> Policies:
    """The policies after `event`."""
    if not isinstance(event, ReturnPolicySet):
        return state
    return Policies(version=state.version + 1, present=event.policy)


RETURN_POLICY = StreamKind("returnpolicy", Policies(), evolve)


class ReturnOutsidePolicy(Refusal):
    """It comes too late, without what the policy asks for, or was sold for good."""

    code = "return_outside_policy"


class ReasonUnknown(Refusal):
    """The policy lists the reasons for returns, and this is none of them."""

    code = "return_reason_unknown"


class AppliedTerms(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What the policy said of one line, by product (`sku`), `category` or `default`; whether it was `met`."""

    line: int
    by: str
    days: int | None = None
    final_sale: bool = False
    met: bool = True


class PolicyApplied(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The version that a return went by, and what it said of each line `days_since` the sale.

    `exception` is why it was taken back all the same where the terms of a line were not met.
    """

    version: int
    days_since: int
    without_receipt: bool = False
    lines: tuple[AppliedTerms, ...]
    exception: str | None = None


class Wanted(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Goods that are to come back, as far as a policy looks at them."""

    line: int
    sku: str
    category: str


def apply(
    policies: Policies,
    goods: Iterable[Wanted],
    *,
    sold_on: date,
    today: date,
    without_receipt: bool,
    exception: str | None,
) -> PolicyApplied | None:
    """What the policy says of the goods, None where there is no policy.

    ReturnOutsidePolicy where it forbids the return of a line and nobody names an exception.
    """
    if policies.present is None:
        return None
    # A till whose clock was set back does not make a return that comes before its sale.
    days_since = max(0, (today - sold_on).days)
    lines = tuple(
        _applied(policies.present, good, days_since, without_receipt=without_receipt) for good in goods
    )
    broken = next((line for line in lines if not line.met), None)
    if broken is not None and exception is None:
        raise ReturnOutsidePolicy(
            _why(broken, days_since),
            line=broken.line,
            by=broken.by,
            days=broken.days,
            days_since=days_since,
            final_sale=broken.final_sale,
            without_receipt=without_receipt,
        )
    return PolicyApplied(
        version=policies.version,
        days_since=days_since,
        without_receipt=without_receipt,
        lines=lines,
        exception=None if broken is None else exception,
    )


def _applied(policy: Policy, good: Wanted, days_since: int, *, without_receipt: bool) -> AppliedTerms:
    by, terms = policy.terms_of(good.sku, good.category)
    days = terms.without_receipt_days if without_receipt else terms.days
    return AppliedTerms(
        line=good.line,
        by=by,
        days=days,
        final_sale=terms.final_sale,
        met=not terms.final_sale and (days is None or days_since <= days),
    )


def _why(broken: AppliedTerms, days_since: int) -> str:
    ask = "Name an exception if it is to come back all the same."
    if broken.final_sale:
        return f"Line {broken.line} was a final sale. {ask}"
    within = f"Line {broken.line} comes back within {broken.days} days"
    return f"{within} and was sold {days_since} days ago. {ask}"


def check_reason(policies: Policies, code: str | None) -> None:
    """ReasonUnknown unless the code is one that the policy lists; where it lists none any will do."""
    policy = policies.present
    if policy is not None and policy.reasons and code not in policy.reasons:
        raise ReasonUnknown(
            "Name one of the reasons that the return policy lists.", reasons=list(policy.reasons), reason=code
        )


class PolicyVersion(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a change: the version that counts now."""

    version: int


class SetReturnPolicy(Command, frozen=True, kw_only=True):
    """Makes the return policy, or its next version. Returns go by it at once, whenever the sale was."""

    RESULT: ClassVar = PolicyVersion

    policy: Policy
    expected: int | None = None

    def streams(self) -> Sequence[str]:
        return (RETURN_POLICY.stream(MAIN),)

    def decide(self, states: States, at: Moment) -> Decision:
        policies = states.of(RETURN_POLICY, MAIN)
        require_version(policies.version, self.expected)
        _check(self.policy)
        if policies.present == self.policy:
            return Decision(events=(), result=PolicyVersion(version=policies.version))
        events = ((RETURN_POLICY.stream(MAIN), ReturnPolicySet(policy=self.policy)),)
        return Decision(events=events, result=PolicyVersion(version=policies.version + 1))


def _check(policy: Policy) -> None:
    if len(policy.categories) + len(policy.skus) > MAX_TERMS:
        raise InvalidCommand(f"A policy has up to {MAX_TERMS} terms.", limit=MAX_TERMS)
    if len(policy.reasons) > MAX_REASONS or len(set(policy.reasons)) < len(policy.reasons):
        raise InvalidCommand(f"A policy lists up to {MAX_REASONS} reasons, each once.", limit=MAX_REASONS)
    for terms in (policy.default, *policy.categories.values(), *policy.skus.values()):
        for days in (terms.days, terms.without_receipt_days):
            if days is not None and not 0 <= days <= MAX_DAYS:
                raise InvalidCommand(f"A number of days is from 0 to {MAX_DAYS}.", days=days)
