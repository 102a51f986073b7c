"""Limits and roles as the API shows them."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.requests import Body
from domain.access.limits import GivenLimits, Limits
from domain.access.record import RoleInStore
from infra.access.roles import ROLE_NAME

Minor = Annotated[int, Meta(ge=0, le=10**12)]
CurrencyOrAny = Annotated[
    str, Meta(pattern=r"^([A-Z]{3}|\*)$(?!\n)", description="ISO 4217, or * for all others")
]
ByCurrency = Annotated[dict[CurrencyOrAny, Minor], Meta(max_length=200)]
BasisPoints = Annotated[int, Meta(ge=0, le=10_000)]
StoreOrAll = Annotated[
    str, Meta(pattern=r"^(\*|[A-Za-z0-9][A-Za-z0-9._-]{0,63})$(?!\n)", description="a store, or * for all")
]
RoleName = Annotated[str, Meta(pattern=ROLE_NAME)]


class LimitsBody(Body, frozen=True, kw_only=True):
    """Limits; null is without limit, and what is left out goes by the role.

    `discount` is basis points of the list price, the others minor units by currency: all refunds of one sale,
    how far a drawer may be off when its shift is closed (`over_short`), all that is paid out or dropped into
    the safe in one shift, what a gift card or a customer's credit is worth after a `card_load` or a grant,
    and what one `void` before payment comes to, and all `shift_voids` of a till's shift (of its day where
    none is open), beyond which each void needs an approval; and what all amends in a complaint are worth.
    """

    refund: ByCurrency | UnsetType | None = UNSET
    discount: BasisPoints | UnsetType | None = UNSET
    over_short: ByCurrency | UnsetType | None = UNSET
    pay_out: ByCurrency | UnsetType | None = UNSET
    drop: ByCurrency | UnsetType | None = UNSET
    card_load: ByCurrency | UnsetType | None = UNSET
    credit: ByCurrency | UnsetType | None = UNSET
    void: ByCurrency | UnsetType | None = UNSET
    shift_voids: ByCurrency | UnsetType | None = UNSET
    compensation: ByCurrency | UnsetType | None = UNSET


class LimitsView(msgspec.Struct, frozen=True, kw_only=True):
    """Limits that are given; null is without limit, and what is left out goes by the role."""

    refund: dict[str, int] | UnsetType | None = UNSET
    discount: int | UnsetType | None = UNSET
    over_short: dict[str, int] | UnsetType | None = UNSET
    pay_out: dict[str, int] | UnsetType | None = UNSET
    drop: dict[str, int] | UnsetType | None = UNSET
    card_load: dict[str, int] | UnsetType | None = UNSET
    credit: dict[str, int] | UnsetType | None = UNSET
    void: dict[str, int] | UnsetType | None = UNSET
    shift_voids: dict[str, int] | UnsetType | None = UNSET
    compensation: dict[str, int] | UnsetType | None = UNSET


class RoleHeld(Body, frozen=True, kw_only=True):
    """A role in a store, or with "*" in every store."""

    role: RoleName
    store_id: StoreOrAll


def given_limits(body: LimitsBody) -> GivenLimits:
    """The limits of a body."""
    return GivenLimits(
        refund_minor=body.refund,
        discount_bp=body.discount,
        over_short_minor=body.over_short,
        pay_out_minor=body.pay_out,
        drop_minor=body.drop,
        card_load_minor=body.card_load,
        credit_minor=body.credit,
        void_minor=body.void,
        shift_voids_minor=body.shift_voids,
        compensation_minor=body.compensation,
    )


def limits_view(limits: GivenLimits | Limits) -> LimitsView:
    """Limits in an answer."""
    return LimitsView(
        refund=limits.refund_minor,
        discount=limits.discount_bp,
        over_short=limits.over_short_minor,
        pay_out=limits.pay_out_minor,
        drop=limits.drop_minor,
        card_load=limits.card_load_minor,
        credit=limits.credit_minor,
        void=limits.void_minor,
        shift_voids=limits.shift_voids_minor,
        compensation=limits.compensation_minor,
    )


def held_roles(roles: Iterable[RoleHeld]) -> tuple[RoleInStore, ...]:
    """The roles of a body, each once."""
    held = sorted({(one.role, one.store_id) for one in roles})
    return tuple(RoleInStore(role=role, store_id=store_id) for role, store_id in held)
