"""Money as the API shows it, and personal texts in the clear for those who may read them."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta

from domain.kernel.ids import CurrencyCode
from domain.kernel.money import Money


class Amount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money in a request: zero or more minor units of a currency."""

    amount: Annotated[int, Meta(ge=0, le=10**12)]
    currency: CurrencyCode


def money(amount: int, currency: str) -> Money:
    """Money in an answer."""
    return Money(amount=amount, currency=currency)


def money_of(amount: Amount | None) -> Money | None:
    """Money of a request, where it is said."""
    return None if amount is None else money(amount.amount, amount.currency)


def money_list(by_currency: Mapping[str, int]) -> list[Money]:
    """Money of several currencies, by currency code."""
    return [money(by_currency[currency], currency) for currency in sorted(by_currency)]
