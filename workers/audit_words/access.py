"""Who may do what."""

from msgspec import UNSET

from domain.access.approval import ApprovalGranted, ApprovalUsed
from domain.access.limits import GivenLimits, Operation
from domain.access.record import (
    KeyEnded,
    KeyIssued,
    PasswordChanged,
    RoleDefined,
    RoleInStore,
    UserAdded,
    UserChanged,
    UserErased,
)
from workers.audit_words.telling import money, percent, words


@words(ApprovalGranted)
def _(event: ApprovalGranted) -> str:
    what = f"{event.operation} on {event.target} at store {event.store_id}"
    return (
        f"{event.approved_by} approved a {what}, up to {_limit(event.operation, event.up_to, event.currency)}"
    )


@words(ApprovalUsed)
def _(event: ApprovalUsed) -> str:
    return f"used by {event.used_by} for {event.document}"


@words(KeyIssued)
def _(event: KeyIssued) -> str:
    where = "every store" if event.stores is None else f"stores {', '.join(event.stores)}"
    until = "" if event.expires_at is None else f", until {event.expires_at:%Y-%m-%d %H:%M} UTC"
    after = "" if event.successor_of is None else f", in place of key {event.successor_of}"
    return f"key issued for {where}{until}{after}: {', '.join(event.scopes)}"


@words(KeyEnded)
def _(event: KeyEnded) -> str:
    when = "" if event.ends_at is None else f" at {event.ends_at:%Y-%m-%d %H:%M} UTC"
    return f"key ends{when}{'' if event.successor is None else f', key {event.successor} takes over'}"


@words(UserAdded)
def _(event: UserAdded) -> str:
    who = "" if event.employee_id is None else f", is employee {event.employee_id}"
    return f"may sign in as {_roles(event.roles)}{_limits(event.limits)}{who}"


@words(UserChanged)
def _(event: UserChanged) -> str:
    changes = [
        "" if event.roles is None else f"now {_roles(event.roles)}",
        _limits(event.limits).removeprefix(", "),
        {None: "", True: "disabled", False: "enabled"}[event.disabled],
        "given a new first password" if event.password_reset else "",
        "" if event.employee_id is None else f"is employee {event.employee_id}",
    ]
    return "; ".join(change for change in changes if change) or "changed in nothing"


@words(UserErased)
def _(event: UserErased) -> str:
    return f"forgotten ({event.reason})"


@words(PasswordChanged)
def _(event: PasswordChanged) -> str:
    return "chose another password"


@words(RoleDefined)
def _(event: RoleDefined) -> str:
    may = "keeps its permissions" if event.permissions is None else f"may {', '.join(event.permissions)}"
    return f"role {event.role!r} {may}{_limits(event.limits)}"


def _roles(roles: tuple[RoleInStore, ...]) -> str:
    named = [
        f"{held.role} in {'every store' if held.store_id == '*' else f'store {held.store_id}'}"
        for held in roles
    ]
    return ", ".join(named) or "nobody in particular"


def _limit(operation: Operation, limit: int | None, currency: str | None) -> str:
    if limit is None:
        return "any height"
    return percent(limit) if operation is Operation.DISCOUNT else money(limit, currency or "")


def _limits(limits: GivenLimits | None) -> str:
    told: list[str] = []
    if limits is not None and limits.refund_minor is not UNSET:
        told.append(f"refunds up to {_amounts(limits.refund_minor)}")
    if limits is not None and limits.discount_bp is not UNSET:
        told.append(f"discounts up to {_limit(Operation.DISCOUNT, limits.discount_bp, None)}")
    if limits is not None and limits.over_short_minor is not UNSET:
        told.append(f"differences in the drawer up to {_amounts(limits.over_short_minor)}")
    if limits is not None:
        others = {
            "pay-outs": limits.pay_out_minor,
            "drops": limits.drop_minor,
            "gift cards": limits.card_load_minor,
            "credit": limits.credit_minor,
            "voids": limits.void_minor,
            "voids of a shift": limits.shift_voids_minor,
            "amends": limits.compensation_minor,
        }
        told += [f"{what} up to {_amounts(most)}" for what, most in others.items() if most is not UNSET]
    return "".join(f", {limit}" for limit in told)


def _amounts(limits: dict[str, int] | None) -> str:
    if limits is None:
        return "any height"
    return ", ".join(money(most, name) for name, most in limits.items()) or "nothing"
