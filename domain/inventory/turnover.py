"""How fast stock turns and what it earns, over any time: turnover, days of stock and GMROI.

    turnover = cost of goods sold / average stock at cost
    days of stock = average stock at cost / cost of goods sold a day
    GMROI = gross margin / average stock at cost

(Silver, Pyke, Peterson, "Inventory Management and Production Planning and Scheduling", on turnover; Levy,
Weitz, "Retailing Management", on GMROI.) The average is over every instant, not of two or thirteen looks:
stock that comes on the 2nd and is gone on the 30th has cost money all month. All is integers until each
figure is rounded, once, half away from zero.
"""

import msgspec

from domain.kernel.money import half_up

MILLI = 1_000
DAY_US = 86_400_000_000


class Turned(msgspec.Struct, frozen=True, kw_only=True):
    """A time of `length_us` microseconds in sums, which add up over SKUs. Minor units.

    `stock_us` is the stock's value times the microseconds that it had it. `cost_minor` went to customers,
    less what came back; `variance_minor` is what costs turned out to be besides; `net_minor` was paid,
    without tax. `storage_minor` is the part of what the places cost where the goods lay.
    """

    length_us: int
    stock_us: int = 0
    opening_minor: int = 0
    closing_minor: int = 0
    cost_minor: int = 0
    variance_minor: int = 0
    net_minor: int = 0
    storage_minor: int = 0

    @property
    def margin_minor(self) -> int:
        """What was paid, less the cost of it, late costs included."""
        return self.net_minor - self.cost_minor - self.variance_minor

    @property
    def average_minor(self) -> int:
        """The stock's value, averaged over time."""
        return half_up(self.stock_us, self.length_us)

    @property
    def turnover_milli(self) -> int | None:
        """How often the average stock was sold, in thousandths; None without a stock above zero."""
        return self._of_stock(self.cost_minor)

    @property
    def days_milli(self) -> int | None:
        """How many days the average stock lasts at this pace, in thousandths; None where nothing was sold."""
        if self.cost_minor <= 0 or self.stock_us < 0:
            return None
        return half_up(self.stock_us * MILLI, self.cost_minor * DAY_US)

    @property
    def gmroi_milli(self) -> int | None:
        """What each unit of money in stock earned, in thousandths; None without a stock above zero."""
        return self._of_stock(self.margin_minor)

    @property
    def stored_gmroi_milli(self) -> int | None:
        """The same, once the places are paid where the goods lay."""
        return self._of_stock(self.margin_minor - self.storage_minor)

    def _of_stock(self, amount_minor: int) -> int | None:
        if self.stock_us <= 0:
            return None
        return half_up(amount_minor * self.length_us * MILLI, self.stock_us)

    @property
    def is_nothing(self) -> bool:
        """Whether there was neither stock nor trade."""
        return self == Turned(length_us=self.length_us)


def together(length_us: int, several: list[Turned]) -> Turned:
    """Several SKUs of the same time as one."""
    return Turned(
        length_us=length_us,
        stock_us=sum(one.stock_us for one in several),
        opening_minor=sum(one.opening_minor for one in several),
        closing_minor=sum(one.closing_minor for one in several),
        cost_minor=sum(one.cost_minor for one in several),
        variance_minor=sum(one.variance_minor for one in several),
        net_minor=sum(one.net_minor for one in several),
        storage_minor=sum(one.storage_minor for one in several),
    )
