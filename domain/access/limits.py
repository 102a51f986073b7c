"""Limits: how far somebody may go alone in what costs the shop money."""

import enum
from collections.abc import Iterable

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
    VOID = "void"


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How far somebody may go alone; None is without limit, and the default is not at all.

    `refund_minor` is by currency, "*" for those that are not named; all refunds of one sale count together.
    `discount_bp` is what a price of the till's own may be below the list price. `over_short_minor`, by
    currency too, is how far what was counted may be from what should be there when a shift is closed.
    `void_minor`, by currency too, is what one void before payment may come to.
    """

    refund_minor: dict[str, int] | None = {}
    discount_bp: int | None = 0
    over_short_minor: dict[str, int] | None = {}
    void_minor: dict[str, int] | None = {}

    def up_to(self, operation: Operation, currency: str | None) -> int | None:
        """The limit in its own unit; None is without limit."""
        if operation is Operation.DISCOUNT:
            return self.discount_bp
        match operation:
            case Operation.OVER_SHORT:
                amounts = self.over_short_minor
            case Operation.VOID:
                amounts = self.void_minor
            case _:
                amounts = self.refund_minor
        if amounts is None:
            return None
        named = amounts.get(currency or ANY_CURRENCY)
        return amounts.get(ANY_CURRENCY, 0) if named is None else named


class GivenLimits(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Limits that stand in place of others where they are given."""

    refund_minor: dict[str, int] | UnsetType | None = UNSET
    discount_bp: int | UnsetType | None = UNSET
    over_short_minor: dict[str, int] | UnsetType | None = UNSET
    void_minor: dict[str, int] | UnsetType | None = UNSET

    def over(self, limits: Limits) -> Limits:
        """The limits with these in their place."""
        return Limits(
            refund_minor=limits.refund_minor if self.refund_minor is UNSET else self.refund_minor,
            discount_bp=limits.discount_bp if self.discount_bp is UNSET else self.discount_bp,
            over_short_minor=(
                limits.over_short_minor if self.over_short_minor is UNSET else self.over_short_minor
            ),
            void_minor=limits.void_minor if self.void_minor is UNSET else self.void_minor,
        )


def widest(limits: Iterable[Limits]) -> Limits:
    """What somebody with all of these may do: of each the most."""
    found = list(limits)
    discounts = [one.discount_bp for one in found]
    return Limits(
        refund_minor=_widest_amounts([one.refund_minor for one in found]),
        discount_bp=None if None in discounts else max((bp or 0 for bp in discounts), default=0),
        over_short_minor=_widest_amounts([one.over_short_minor for one in found]),
        void_minor=_widest_amounts([one.void_minor for one in found]),
    )


def _widest_amounts(found: list[dict[str, int] | None]) -> dict[str, int] | None:
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
    amounts = [
        named
        for one in (limits, others)
        for named in (one.refund_minor, one.over_short_minor, one.void_minor)
    ]
    currencies = {ANY_CURRENCY, *(currency for named in amounts for currency in named or {})}
    pairs = [(limits.discount_bp, others.discount_bp)]
    pairs += [
        (limits.up_to(operation, name), others.up_to(operation, name))
        for operation in (Operation.REFUND, Operation.OVER_SHORT, Operation.VOID)
        for name in currencies
    ]
    return any(other is not None and (one is None or one > other) for one, other in pairs)


def discount_bp(list_price_minor: int, price_minor: int) -> int:
    """How far a price is below the list price, in basis points rounded up: no part of one is free."""
    off = list_price_minor - price_minor
    return 0 if off <= 0 else -(-off * WHOLE_BP // list_price_minor)
