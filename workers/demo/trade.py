"""The demo's weeks as they unfold: an agenda of moments, and what the plan remembers between them."""

import heapq
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from workers.demo.shop import GOODS, ZONE, Goods
from workers.demo.steps import Step

Action = Callable[[datetime], Iterable[Step]]
REMEMBERED_SALES = 200
GOODS_BY_SKU: dict[str, Goods] = {goods.sku: goods for goods in GOODS}


class Bought(NamedTuple):
    """A sale as returns and complaints remember it: (sku, quantity) by line."""

    sale_id: str
    store_id: str
    customer_id: str | None
    lines: tuple[tuple[str, int], ...]


class Trade:
    """What the plan knows while it is made. All chance comes from `random`, so a seed decides everything."""

    def __init__(self, seed: int, first_day: date, days: int) -> None:
        self.random = Random(f"daybook demo {seed} {first_day} {days}")  # noqa: S311 - nothing secret
        self.days = tuple(first_day + timedelta(days=number) for number in range(days))
        self.on_hand: Counter[tuple[str, str]] = Counter()
        """By store and SKU: what the book will say, so that nothing is sold that is not there."""
        self.brought_back: Counter[tuple[str, str]] = Counter()
        """Fruit that came back today: the book has it on the shelf, but it is kept aside until closing."""
        self.members: list[str] = []
        self.personal_coupons: dict[str, str] = {}
        self.bearer_coupons: list[str] = []
        self.redeemed: Counter[str] = Counter()
        """Coupons by customer."""
        self.receipts: defaultdict[tuple[str, date], int] = defaultdict(int)
        self.recent: deque[Bought] = deque(maxlen=REMEMBERED_SALES)
        self._agenda: list[tuple[datetime, int, Action]] = []
        self._entered = 0

    def plan(self, when: datetime, action: Action) -> None:
        """Puts an action on the agenda; those of one moment happen in the order they were put there."""
        self._entered += 1
        heapq.heappush(self._agenda, (when, self._entered, action))

    def for_sale(self, store_id: str, sku: str) -> int:
        """What customers find on the shelf."""
        return self.on_hand[store_id, sku] - self.brought_back[store_id, sku]

    def unfold(self) -> Iterator[Step]:
        """What happens, in the order in which it happens."""
        while self._agenda:
            when, _, action = heapq.heappop(self._agenda)
            yield from action(when)

    def between(self, day: date, start: time, end: time) -> datetime:
        """Some second of a day from `start` to before `end`, local time."""
        begin = datetime.combine(day, start, ZONE)
        span = datetime.combine(day, end, ZONE) - begin
        return begin + timedelta(seconds=self.random.randrange(int(span.total_seconds())))
