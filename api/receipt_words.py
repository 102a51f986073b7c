"""The words of receipts in English and Chinese."""

from collections.abc import Mapping

import msgspec

from domain.kernel.money import decimal
from domain.kernel.quantity import GRAMS_PER_KG, Unit

ENGLISH = "en"
CHINESE = "zh-CN"


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What a receipt says besides names and figures; `wide` where ambiguous characters take two columns."""

    language: str
    wide: bool
    kinds: Mapping[str, str]
    methods: Mapping[str, str]
    sources: Mapping[str, str]
    copy: str
    till: str
    of_sale: str
    exchange: str
    carried: str
    subtotal: str
    discounts: str
    total: str
    paid_back: str
    rounding: str
    change: str
    tax_in: str
    tax_on: str
    points_earned: str
    points_spent: str


WORDS: Mapping[str, Words] = {
    ENGLISH: Words(
        language=ENGLISH,
        wide=False,
        kinds={"sale": "Receipt", "return": "Return", "correction": "Correction"},
        methods={
            "cash": "Cash",
            "card": "Card",
            "points": "Points",
            "gift_card": "Gift card",
            "store_credit": "Store credit",
            "wechat": "WeChat",
            "alipay": "Alipay",
        },
        sources={"points": "Points", "till": "Discount at the till"},
        copy="*** COPY ***",
        till="Till",
        of_sale="Of sale",
        exchange="Exchange",
        carried="(exchange)",
        subtotal="Subtotal",
        discounts="Discounts",
        total="Total",
        paid_back="Paid back",
        rounding="Rounding",
        change="Change",
        tax_in="Tax {rate} in {gross}",
        tax_on="Tax {rate} of {gross}",
        points_earned="Points earned",
        points_spent="Points spent",
    ),
    CHINESE: Words(
        language=CHINESE,
        wide=True,
        kinds={"sale": "收据", "return": "退货单", "correction": "更正单"},
        methods={
            "cash": "现金",
            "card": "银行卡",
            "points": "积分",
            "gift_card": "礼品卡",
            "store_credit": "储值余额",
            "wechat": "微信支付",
            "alipay": "支付宝",
        },
        sources={"points": "积分抵扣", "till": "收银台优惠"},
        copy="*** 副本 ***",
        till="收银台",
        of_sale="原销售",
        exchange="换货",
        carried="(换货)",
        subtotal="小计",
        discounts="优惠",
        total="合计",
        paid_back="退款",
        rounding="舍入",
        change="找零",
        tax_in="含税 {rate} ({gross})",
        tax_on="税额 {rate} ({gross})",
        points_earned="获得积分",
        points_spent="使用积分",
    ),
}


def quantity_text(quantity: int, unit: Unit) -> str:
    """`2`, or grams as kilograms: `0.125 kg`."""
    if unit is Unit.GRAM:
        kilograms, grams = divmod(quantity, GRAMS_PER_KG)
        return f"{kilograms:,}.{grams:03} kg"
    return f"{quantity:,}"


def price_text(price_minor: int, unit: Unit, currency: str) -> str:
    """`10.00`, or `39.90/kg`."""
    return decimal(price_minor, currency) + ("/kg" if unit is Unit.GRAM else "")


def rate_text(rate_bp: int) -> str:
    """`9 %`, `5.5 %`."""
    whole, rest = divmod(rate_bp, 100)
    return f"{whole}{f'.{rest:02}'.rstrip('0') if rest else ''} %"
