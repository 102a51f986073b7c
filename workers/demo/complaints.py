"""The demo's complaints: fifteen, in every state that a complaint can be in."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import partial
from typing import NamedTuple

from domain.customers.customer import CUSTOMER
from domain.service.case import COMPLAINT, CaseCommented, CaseOpened, CaseReopened, CaseResolved
from domain.service.handling import (
    AssignComplaint,
    CommentComplaint,
    OpenComplaint,
    ReopenComplaint,
    ResolveComplaint,
)
from workers.demo.counter import CLOSES
from workers.demo.shop import STORES, ZONE
from workers.demo.steps import TO_SEAL, Step
from workers.demo.trade import Bought, Trade

PATIENT = 0.4


class Story(NamedTuple):
    """A complaint: its cause, what is said, what then happens, and which purchase it is about.

    `sku` names goods, ANYTHING any purchase; without it the complaint is about a store.
    """

    category: str
    text: str
    then: tuple[tuple[str, str], ...] = ()
    sku: str | None = None


ANYTHING = "*"
ASSIGN = ("assign", "")

STORIES = (
    Story(
        "quality",
        "昨天买的苹果切开里面是黑的，三个里有两个坏了。",
        (
            ASSIGN,
            ("comment", "已请顾客拍照，确认是果心褐变。"),
            ("resolve", "退回坏果货款，并送一张鲜果券。"),
        ),
        "apple-fuji",
    ),
    Story("queue", "晚上六点排了二十分钟队，只开一个收银台。"),
    Story(
        "weight", "称重没有去皮，盒子也算进去了。", (ASSIGN, ("resolve", "已当面重称并退差价。")), ANYTHING
    ),
    Story(
        "freshness",
        "草莓底下一层压烂了，上面看不出来。",
        (
            ASSIGN,
            ("resolve", "给顾客换了一盒。"),
            ("reopen", "换的那盒第二天也发霉了。"),
            ("comment", "已联系供应商，这批货有问题。"),
        ),
        "strawberry",
    ),
    Story("staff", "店员说话不耐烦，问产地也不回答。", (ASSIGN, ("comment", "已与当班同事谈话。"))),
    Story(
        "price", "价签写的是会员价，结账按原价收的。", (ASSIGN, ("resolve", "已补差价并换价签。")), ANYTHING
    ),
    Story(
        "delivery",
        "配送晚了两个小时，水果都捂热了。",
        (
            ASSIGN,
            ("resolve", "退还配送费。"),
            ("reopen", "配送费还没有到账。"),
            ("resolve", "微信退款已到账，顾客确认。"),
        ),
        "delivery",
    ),
    Story("quality", "西瓜不甜，像黄瓜一样。", (("comment", "顾客希望换一个，等店长答复。"),), "watermelon"),
    Story("hygiene", "试吃台没有盖，有小虫子。", (ASSIGN, ("resolve", "试吃台已加罩，每小时清理。"))),
    Story("coupon", "优惠券说满五十可用，收银员说用不了。", (ASSIGN,), ANYTHING),
    Story("freshness", "酸奶还有一天就过期了，货架上没有提示。", (), "yogurt"),
    Story("parking", "门口电动车把路堵死了，婴儿车进不去。", (("resolve", "已请物业划线清场。"),)),
    Story(
        "quality",
        "车厘子里混了好多软的，这么贵不应该。",
        (
            ASSIGN,
            ("comment", "顾客已到店，挑出软果约一百克。"),
            ("resolve", "按软果重量退款。"),
            ("reopen", "退款比说好的少。"),
        ),
        "cherry",
    ),
    Story(
        "packaging", "礼篮的提手断了，水果摔了一地。", (ASSIGN, ("comment", "等供应商回复。")), "gift-basket"
    ),
    Story("assortment", "晚上来总是买不到蜜柚。"),
)


def plan_complaints(trade: Trade) -> None:
    """Puts every story on the agenda, spread over the days."""
    for number, story in enumerate(STORIES):
        day = trade.days[number * len(trade.days) // len(STORIES)]
        when = trade.between(day, time(11), time(15))
        trade.plan(when, partial(_open, trade, f"cp-{number + 1:03}", story))


def _open(trade: Trade, case_id: str, story: Story, when: datetime) -> Iterator[Step]:
    bought = _purchase(trade, story.sku)
    store_id = trade.random.choice(STORES).store_id if bought is None else bought.store_id
    customer_id = None if bought is None else bought.customer_id
    subject = COMPLAINT.stream(case_id) if customer_id is None else CUSTOMER.stream(customer_id)
    yield Step(
        occurred_at=when,
        command=OpenComplaint(
            case_id=case_id,
            category=story.category,
            text=TO_SEAL,
            customer_id=customer_id,
            store_id=store_id,
            sale_id=None if bought is None else bought.sale_id,
            sku=None if story.sku == ANYTHING else story.sku,
        ),
        subject=subject,
        texts={f"{CaseOpened.TYPE}/text": story.text},
    )
    staff = next(store.staff for store in STORES if store.store_id == store_id)
    employee_id = trade.random.choice(staff)[0]
    for kind, text in story.then:
        when = _later(trade, when)
        trade.plan(when, partial(_go_on, case_id, employee_id, subject, kind, text))


def _purchase(trade: Trade, sku: str | None) -> Bought | None:
    """A recent sale of these goods, if there is one; rather of somebody known."""
    fitting = [
        bought for bought in trade.recent if sku == ANYTHING or any(sku == sold for sold, _ in bought.lines)
    ]
    known = [bought for bought in fitting if bought.customer_id is not None]
    return trade.random.choice(known or fitting) if fitting else None


def _later(trade: Trade, when: datetime) -> datetime:
    """Within the hour or so, or a day later; always while the demo lasts."""
    soon = when + timedelta(minutes=trade.random.randrange(15, 75))
    next_day = soon + timedelta(days=1)
    patient = trade.random.random() < PATIENT and next_day < datetime.combine(trade.days[-1], CLOSES, ZONE)
    return next_day if patient else soon


def _go_on(
    case_id: str, employee_id: str, subject: str, kind: str, text: str, when: datetime
) -> Iterator[Step]:
    match kind:
        case "assign":
            command = AssignComplaint(case_id=case_id, employee_id=employee_id)
            yield Step(occurred_at=when, command=command)
            return
        case "comment":
            command = CommentComplaint(case_id=case_id, text=TO_SEAL, employee_id=employee_id)
            event = CaseCommented.TYPE
        case "resolve":
            command, event = ResolveComplaint(case_id=case_id, text=TO_SEAL), CaseResolved.TYPE
        case _:
            command, event = ReopenComplaint(case_id=case_id, text=TO_SEAL), CaseReopened.TYPE
    yield Step(occurred_at=when, command=command, subject=subject, texts={f"{event}/text": text})
