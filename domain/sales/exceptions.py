"""What becomes of an exception of a sale that was made offline: somebody looked at it, and says why."""

from typing import ClassVar

from domain.kernel.event import Event


class ExceptionSettled(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody looked at exception `number` of the sale, counted from 1. `reason` is a cause.

    Nothing of the sale changes: what is to be corrected is corrected by documents of its own.
    """

    TYPE: ClassVar = "sale.exception_settled.v1"
    sale_id: str
    store_id: str
    number: int
    code: str
    reason: str
