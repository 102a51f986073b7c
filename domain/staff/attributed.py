"""Sales and returns as they count for an employee: amounts without tax, in minor units."""

from datetime import date

import msgspec

WHOLE_SHARE_BP = 10_000


class LineSold(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A line without tax: of the whole line, and of that the employee's part."""

    line: int
    sku: str
    category: str
    net_minor: int
    cost_minor: int
    own_net_minor: int
    own_cost_minor: int


class Sold(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A sale as it counts for an employee, `share_bp` of whose it is. `position` is the journal's."""

    sale_id: str
    position: int
    store_id: str
    day: date
    currency: str
    shift: int = 0
    share_bp: int = WHOLE_SHARE_BP
    lines: tuple[LineSold, ...]


class LineBack(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What came back of a whole line, without tax; below zero where what is kept costs more."""

    line: int
    net_minor: int
    cost_minor: int


class TakenBack(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A return of a sale that counts for an employee."""

    return_id: str
    sale_id: str
    position: int
    day: date
    lines: tuple[LineBack, ...]
