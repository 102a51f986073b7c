"""Commands drawn at random about few things, so that they meet: often right, often refused.

What is drawn depends on what was drawn before, never on what became of it: two processes that race then
make no other story.
"""

from hypothesis import strategies as st

from domain.catalog.product import ChangeProduct, NegativeStock
from domain.checkout.take_back import TakeBack
from domain.kernel.command import Command
from domain.promotions.campaign import DiscountKind, OpenCampaign
from domain.promotions.coupon import IssueCoupons
from domain.stockroom.moves import MoveStock
from tests.support.commands import adjust, issue, open_campaign, receive, sell, waste
from tests.support.facts import take_back

PRICES = {"apple": 250, "pear": 399, "melon": 1000}
SCARCE = ("apple", "pear")
CUSTOMERS = ("c1", "c2")
UNKNOWN_SKU = "kiwi"
UNKNOWN_CUSTOMER = "c3"

_skus = st.sampled_from((*PRICES,) * 8 + (UNKNOWN_SKU,))
_customers = st.sampled_from((None, *CUSTOMERS) * 5 + (UNKNOWN_CUSTOMER,))
_registers = st.sampled_from(("till-1", "till-2"))
_limits = st.one_of(st.none(), st.integers(1, 3))
_ages = st.integers(0, 5)
_line_numbers = st.sampled_from((1, 1, 1, 1, 1, 2, 2, 3))
_discounts = st.sampled_from(
    (
        (DiscountKind.AMOUNT, 100),
        (DiscountKind.AMOUNT, 777),
        (DiscountKind.PERCENT, 1250),
        (DiscountKind.PERCENT, 3333),
    )
)
_now_and_then = st.integers(0, 9).map(lambda drawn: drawn == 9)


def _lines(largest: int) -> st.SearchStrategy[list[tuple[str, int]]]:
    return st.lists(st.tuples(_skus, st.integers(1, largest)), min_size=1, max_size=3)


class Wishes:
    """What somebody may want next. Each wish that makes something new gives it the next number.

    `opening` comes first, so that there is something to sell, to redeem and to return.
    """

    def __init__(self) -> None:
        self._returns = 0
        self._sales = self._campaigns = 2
        self._coupons = 6
        self.opening: list[Command] = [
            receive(*((sku, 15) for sku in PRICES)),
            open_campaign("a1", value=333, limit_total=2),
            open_campaign("a2", kind=DiscountKind.PERCENT, value=1250, limit_per_customer=1),
            issue("k1", "k2", "k3", campaign_id="a1"),
            issue("k4", "k5", "k6", campaign_id="a2"),
            sell(("apple", 2), ("apple", 2), sale_id="x1", coupons=("k1",)),
            sell(("melon", 3), ("pear", 1), sale_id="x2", coupons=("k4",), customer_id="c1"),
        ]
        kinds = [self._sales_of_baskets()] * 6 + [self._returns_of_lines()] * 3 + self._others()
        self.commands: st.SearchStrategy[Command] = st.sampled_from(kinds).flatmap(lambda kind: kind)

    def _sales_of_baskets(self) -> st.SearchStrategy[Command]:
        return st.builds(
            self._sale,
            lines=_lines(4),
            coupon_ages=st.one_of(st.just([]), st.lists(_ages, max_size=2, unique=True)),
            customer_id=_customers,
            register_id=_registers,
            again=_now_and_then,
        )

    def _returns_of_lines(self) -> st.SearchStrategy[Command]:
        return st.builds(
            self._take_back,
            lines=st.dictionaries(_line_numbers, st.integers(1, 2), min_size=1, max_size=2),
            sale_age=_ages,
            register_id=_registers,
            again=_now_and_then,
        )

    def _others(self) -> list[st.SearchStrategy[Command]]:
        changes = st.builds(
            ChangeProduct,
            sku=_skus,
            price_minor=st.sampled_from((None, *PRICES.values(), 1)),
            negative_stock=st.sampled_from((None, None, *NegativeStock)),
        )
        issues = st.builds(
            self._issue,
            count=st.integers(1, 3),
            campaign_age=_ages,
            customer_id=_customers,
            again=_now_and_then,
        )
        return [
            st.builds(_receive, lines=_lines(12)),
            st.builds(waste, _skus, st.integers(1, 5)),
            st.builds(adjust, _skus, st.sampled_from((-3, -1, 2))),
            changes,
            st.builds(self._open_campaign, _discounts, _limits, _limits, again=_now_and_then),
            issues,
        ]

    def _sale(
        self,
        lines: list[tuple[str, int]],
        coupon_ages: list[int],
        customer_id: str | None,
        register_id: str,
        *,
        again: bool,
    ) -> Command:
        self._sales += not again
        return sell(
            *lines,
            sale_id=f"x{self._sales}",
            coupons=tuple(f"k{self._coupons - age}" for age in coupon_ages),
            register_id=register_id,
            customer_id=customer_id,
        )

    def _take_back(self, lines: dict[int, int], sale_age: int, register_id: str, *, again: bool) -> TakeBack:
        self._returns += not again
        return take_back(
            *lines.items(),
            return_id=f"r{self._returns}",
            sale_id=f"x{self._sales - sale_age}",
            register_id=register_id,
        )

    def _open_campaign(
        self, discount: tuple[DiscountKind, int], total: int | None, each: int | None, *, again: bool
    ) -> OpenCampaign:
        self._campaigns += not again
        return open_campaign(
            f"a{self._campaigns}",
            kind=discount[0],
            value=discount[1],
            limit_total=total,
            limit_per_customer=each,
        )

    def _issue(self, count: int, campaign_age: int, customer_id: str | None, *, again: bool) -> IssueCoupons:
        first = self._coupons + (not again)
        self._coupons = first + count - 1
        ids = (f"k{number}" for number in range(first, first + count))
        campaign_id = f"a{self._campaigns - campaign_age // 2}"
        return issue(*ids, campaign_id=campaign_id, customer_id=customer_id)


def _receive(lines: list[tuple[str, int]]) -> MoveStock:
    return receive(*lines)
