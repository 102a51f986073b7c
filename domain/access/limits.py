"""Limits: how far somebody may go alone in what costs the shop money."""

import enum
from collections.abc import Iterable, Mapping

import msgspec
from msgspec import UNSET, UnsetType

ANY_CURRENCY = "*"
WHOLE_BP = 10_000


class Operation(enum.StrEnum):
    """What has a limit. An exception is a refund that the return policy does not foresee."""

    REFUND = "refund"
    EXCEPTION = "exception"
    DISCOUNT = "discount"
    OVER_SHORT = "over_short"
    PAY_OUT = "pay_out"
    DROP = "drop"
    CARD_LOAD = "card_load"
    CREDIT = "credit"
    VOID = "void"
    COMPENSATION = "compensation"


Amounts = dict[str, int] | None
"""The most by currency, "*" for those that are not named; None is without limit."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How far somebody may go alone; None is without limit, and the default is not at all.

    `discount_bp` is what a price of the till's own may be below the list price. The others are by currency,
    and what could be had in small parts counts together: all refunds of one sale (`refund_minor`), all that
    was paid out in one shift (`pay_out_minor`) or dropped into the safe (`drop_minor`), what a gift card
    (`card_load_minor`) or a customer's credit (`credit_minor`) is worth afterwards. `over_short_minor` is how
    far what was counted may be from what should be there when a shift is closed, and
    `void_minor` what one void before payment comes to. `shift_voids_minor` is what all voids of a till's
    shift (where none is open, of its business day) come to together: beyond it each needs an approval.
    `compensation_minor` is what all amends in one case are worth.
    """

    refund_minor: Amounts = {}
    discount_bp: int | None = 0
    over_short_minor: Amounts = {}
    pay_out_minor: Amounts = {}
    drop_minor: Amounts = {}
    card_load_minor: Amounts = {}
    credit_minor: Amounts = {}
    void_minor: Amounts = {}
    shift_voids_minor: Amounts = {}
    compensation_minor: Amounts = {}

    def amounts(self, operation: Operation) -> Amounts:
        """The limit of an operation that is about money."""
        return getattr(self, _AMOUNTS[operation])

    def up_to(self, operation: Operation, currency: str | None) -> int | None:
        """The limit in its own unit; None is without limit."""
        if operation is Operation.DISCOUNT:
            return self.discount_bp
        return _named(self.amounts(operation), currency)

    def voids_in_shift(self, currency: str) -> int | None:
        """What all voids of a shift may come to; None is without limit."""
        return _named(self.shift_voids_minor, currency)


def _named(amounts: Amounts, currency: str | None) -> int | None:
    if amounts is None:
        return None
    named = amounts.get(currency or ANY_CURRENCY)
    return amounts.get(ANY_CURRENCY, 0) if named is None else named


# Exceptions are refunds, and have no limit of their own.
_AMOUNTS: Mapping[Operation, str] = {
    Operation.REFUND: "refund_minor",
    Operation.EXCEPTION: "refund_minor",
    Operation.OVER_SHORT: "over_short_minor",
    Operation.PAY_OUT: "pay_out_minor",
    Operation.DROP: "drop_minor",
    Operation.CARD_LOAD: "card_load_minor",
    Operation.CREDIT: "credit_minor",
    Operation.VOID: "void_minor",
    Operation.COMPENSATION: "compensation_minor",
}
_BY_CURRENCY = (*dict.fromkeys(_AMOUNTS.values()), "shift_voids_minor")

UNLIMITED = Limits(
    refund_minor=None,
    discount_bp=None,
    over_short_minor=None,
    pay_out_minor=None,
    drop_minor=None,
    card_load_minor=None,
    credit_minor=None,
    void_minor=None,
    shift_voids_minor=None,
    compensation_minor=None,
)


class GivenLimits(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Limits that stand in place of others where they are given."""

    refund_minor: Amounts | UnsetType = UNSET
    discount_bp: int | UnsetType | None = UNSET
    over_short_minor: Amounts | UnsetType = UNSET
    pay_out_minor: Amounts | UnsetType = UNSET
    drop_minor: Amounts | UnsetType = UNSET
    card_load_minor: Amounts | UnsetType = UNSET
    credit_minor: Amounts | UnsetType = UNSET
    void_minor: Amounts | UnsetType = UNSET
    shift_voids_minor: Amounts | UnsetType = UNSET
    compensation_minor: Amounts | UnsetType = UNSET

    def over(self, limits: Limits) -> Limits:
        """The limits with these in their place."""
        given = {name: limit for name, limit in msgspec.structs.asdict(self).items() if limit is not UNSET}
        return msgspec.structs.replace(limits, **given)


def widest(limits: Iterable[Limits]) -> Limits:
    """What somebody with all of these may do: of each the most."""
    found = list(limits)
    discounts = [one.discount_bp for one in found]
    return Limits(
        discount_bp=None if None in discounts else max((bp or 0 for bp in discounts), default=0),
        **{name: _widest_amounts([getattr(one, name) for one in found]) for name in _BY_CURRENCY},
    )


def _widest_amounts(found: list[Amounts]) -> Amounts:
    """Of each currency the most; a currency that one doesn't name is one of its others."""
    if None in found:
        return None
    known = [amounts or {} for amounts in found]
    named = {ANY_CURRENCY, *(currency for amounts in known for currency in amounts)}
    return {
        currency: max((amounts.get(currency, amounts.get(ANY_CURRENCY, 0)) for amounts in known), default=0)
        for currency in named
    }


def exceeds(limits: Limits, others: Limits) -> bool:
    """Whether the first allow more than the others in anything."""
    amounts: list[tuple[Amounts, Amounts]] = [
        (getattr(limits, name), getattr(others, name)) for name in _BY_CURRENCY
    ]
    currencies = {ANY_CURRENCY, *(currency for pair in amounts for named in pair for currency in named or {})}
    pairs = [(limits.discount_bp, others.discount_bp)]
    pairs += [(_named(one, name), _named(other, name)) for one, other in amounts for name in currencies]
    return any(other is not None and (one is None or one > other) for one, other in pairs)


def discount_bp(list_price_minor: int, price_minor: int) -> int:
    """How far a price is below the list price, in basis points rounded up: no part of one is free."""
    off = list_price_minor - price_minor
    return 0 if off <= 0 else -(-off * WHOLE_BP // list_price_minor)
