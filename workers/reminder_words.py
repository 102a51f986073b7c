"""What messages about orders say, in English and Chinese. `{order_id}` is all that they know."""

from collections.abc import Mapping
from typing import NamedTuple

ENGLISH = "en"
CHINESE = "zh-CN"


class Text(NamedTuple):
    """A kind of message in one language."""

    subject: str
    text: str


TEXTS: Mapping[str, Mapping[str, Text]] = {
    ENGLISH: {
        "remind_to_pay": Text(
            "Your order {order_id} waits for its payment",
            "Your order {order_id} is reserved for you until its payment is due."
            " After that it is given up.\n",
        ),
        "remind_to_receive": Text(
            "Has your order {order_id} arrived?",
            "Your order {order_id} left us a week ago. If it has not arrived, please tell us.\n",
        ),
        "remind_to_pick_up": Text(
            "Your order {order_id} is ready", "Your order {order_id} lies ready for you in the store.\n"
        ),
    },
    CHINESE: {
        "remind_to_pay": Text(
            "您的订单 {order_id} 尚未付款",
            "您的订单 {order_id} 已为您预留至付款截止时间，逾期未付款将自动取消。\n",
        ),
        "remind_to_receive": Text(
            "您的订单 {order_id} 收到了吗？",
            "您的订单 {order_id} 已于一周前发出。如果还没有收到，请联系我们。\n",
        ),
        "remind_to_pick_up": Text(
            "您的订单 {order_id} 可以取货了", "您的订单 {order_id} 已备好，请到店取货。\n"
        ),
    },
}


def words_of(kind: str, language: str) -> Text:
    """A kind of message in a language, in English where there is none in that."""
    return TEXTS.get(language, TEXTS[ENGLISH])[kind]
