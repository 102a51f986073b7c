"""The demo shop's catalogue: two stores, what they sell, who works there and who buys.

Nobody here exists. Ids name no person, because ids stand unsealed in the journal.
"""

from datetime import timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from domain.catalog.product import NegativeStock
from domain.kernel.quantity import Unit

TIME_ZONE = "Asia/Shanghai"
ZONE = ZoneInfo(TIME_ZONE)
CURRENCY = "CNY"
FRUIT_TAX_BP = 900
PACKAGED_TAX_BP = 1300
SERVICE_TAX_BP = 600


class Store(NamedTuple):
    """A store, its share of the usual trade in percent, and its staff; the first of them leads it."""

    store_id: str
    name: str
    trade_percent: int
    staff: tuple[tuple[str, str], ...]


STORES = (
    Store(
        "renmin-lu",
        "禾果鲜生·人民路店",
        104,
        (("emp-01", "沈青禾"), ("emp-02", "陆小满"), ("emp-03", "顾一鸣"), ("emp-04", "秦朗月")),
    ),
    Store("xihu", "禾果鲜生·西湖店", 96, (("emp-05", "江临溪"), ("emp-06", "白露"), ("emp-07", "方知秋"))),
)
REGISTERS = ("main", "till-2")
"""The second one opens in the rush hours. (`main` is the API's default.)"""


class Goods(msgspec.Struct, frozen=True, kw_only=True):
    """What can be bought. `price_minor` is per piece or kilogram, `usual` and `crate` in the SKU's unit.

    `popularity` is a weight among all goods; `cost_percent` of the price is what a delivery costs.
    """

    sku: str
    name: str
    category: str
    unit: Unit
    price_minor: int
    tax_rate_bp: int
    popularity: int
    usual: int
    crate: int
    cost_percent: int
    stocked: bool = True

    @property
    def perishable(self) -> bool:
        """Whether it is fresh fruit, some of which has to be thrown away every evening."""
        return self.unit is Unit.GRAM

    @property
    def negative_stock(self) -> NegativeStock:
        """Whoever holds the fruit may buy it; a packet that the book doesn't know is a packet miscounted."""
        return NegativeStock.ALLOW if self.perishable else NegativeStock.BLOCK


def _fruit(sku: str, name: str, category: str, price_minor: int, popularity: int, usual_g: int) -> Goods:
    return Goods(
        sku=sku,
        name=name,
        category=category,
        unit=Unit.GRAM,
        price_minor=price_minor,
        tax_rate_bp=FRUIT_TAX_BP,
        popularity=popularity,
        usual=usual_g,
        crate=5_000 if usual_g < 700 else 10_000,
        cost_percent=62,
    )


def _packaged(sku: str, name: str, category: str, price_minor: int, popularity: int, crate: int) -> Goods:
    return Goods(
        sku=sku,
        name=name,
        category=category,
        unit=Unit.PIECE,
        price_minor=price_minor,
        tax_rate_bp=PACKAGED_TAX_BP,
        popularity=popularity,
        usual=1,
        crate=crate,
        cost_percent=68,
    )


GOODS = (
    _fruit("apple-fuji", "烟台红富士苹果", "fruit", 1280, 14, 950),
    _fruit("banana", "海南香蕉", "tropical", 798, 14, 850),
    _fruit("pear-snow", "赵县雪花梨", "fruit", 980, 6, 1100),
    _fruit("grape-kyoho", "巨峰葡萄", "fruit", 2580, 7, 700),
    _fruit("kiwi-green", "周至猕猴桃", "fruit", 2280, 6, 650),
    _fruit("watermelon", "宁夏西瓜", "fruit", 498, 6, 3800),
    _fruit("orange-gannan", "赣南脐橙", "citrus", 1380, 10, 1200),
    _fruit("mandarin-sugar", "广西砂糖橘", "citrus", 1580, 9, 900),
    _fruit("pomelo-honey", "平和蜜柚", "citrus", 780, 4, 1500),
    _fruit("mango-tainong", "台农芒果", "tropical", 2180, 5, 800),
    _fruit("dragonfruit", "红心火龙果", "tropical", 1980, 5, 900),
    _fruit("strawberry", "丹东草莓", "berries", 4980, 6, 450),
    _fruit("cherry", "智利车厘子", "berries", 8980, 3, 400),
    _packaged("fruit-box", "鲜切果盒", "ready", 1990, 8, 12),
    _packaged("blueberry-125g", "蓝莓 125 克", "berries", 1680, 6, 12),
    _packaged("yogurt", "原味酸奶", "drinks", 890, 6, 24),
    _packaged("orange-juice", "鲜橙汁 1 升", "drinks", 2680, 4, 12),
    _packaged("nuts-daily", "每日坚果", "snacks", 590, 6, 30),
    _packaged("mango-dried", "芒果干", "snacks", 1590, 4, 20),
    _packaged("gift-basket", "水果礼篮", "gifts", 16800, 1, 5),
    Goods(
        sku="delivery",
        name="同城配送",
        category="services",
        unit=Unit.PIECE,
        price_minor=600,
        tax_rate_bp=SERVICE_TAX_BP,
        popularity=3,
        usual=1,
        crate=1,
        cost_percent=0,
        stocked=False,
    ),
)


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """The coupon campaign. It is valid long after the demo's trade: the server's clock decides."""

    campaign_id: str = "fruit-festival"
    name: str = "鲜果节九折"
    value_bp: int = 1_000
    minimum_minor: int = 5_000
    limit_total: int = 200
    limit_per_customer: int = 2
    valid_for: timedelta = timedelta(days=365)
    personal: int = 20
    bearer: int = 40


CAMPAIGN = Campaign()

CUSTOMERS = 60
FOUNDING_CUSTOMERS = 40
"""Known before the shop opens; the others join on the way."""

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"
GIVEN_NAMES = (
    "子墨", "雨桐", "梓涵", "一诺", "欣怡", "浩然", "思远", "若溪", "嘉禾", "明轩", "语嫣", "俊熙",
    "佳宁", "晓彤", "文博", "静姝", "天佑", "可心", "立夏", "景行", "云舒", "知远", "念慈", "长风",
)  # fmt: skip

PHONE = "+44 7700 900{number:03}"
"""Ofcom keeps 07700 900000 to 900999 for drama; China's numbering plan sets no such range aside."""
EMAIL = "c{number:04}@example.com"
"""RFC 2606: example.com belongs to nobody."""

WASTE_REASONS = ("overripe", "bruised", "mouldy", "past its best")

RETURN_REASONS = (
    "回家切开发现里面坏了",
    "买多了，家里吃不完",
    "口感太酸，和店员说的不一样",
    "包装破了",
    "家人已经买过了",
    "放了一天就软了",
)
