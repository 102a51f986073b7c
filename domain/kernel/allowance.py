"""Allowances: by what right somebody whose power has a limit did what an event tells."""

import msgspec


class Allowance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The limit that the decision knew, what was needed, and who allowed more than the limit.

    Both figures are in the limit's own unit: minor units of the currency for refunds, basis points of the
    list price for discounts.
    """

    limit: int
    needed: int
    approval_id: str | None = None
    approved_by: str | None = None
