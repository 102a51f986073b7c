"""Kinds of orders: decided and encoded once, by the rules and the codec themselves, and filled in many times.

Orders of the same goods in the same store differ in names, numbers and times only. A kind is the text of an
order's rows as COPY reads them, with marks where the differences are.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, NamedTuple

from bench.orders import SPREAD, command, order
from domain.customers.customer import CUSTOMER
from domain.kernel.command import Command, Moment
from domain.kernel.event import Envelope, Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States, Versioned
from domain.promotions.campaign import CAMPAIGN
from domain.promotions.coupon import COUPON, Coupon, CouponIssued, IssueCoupons, NewCoupon
from domain.tills.till import TILL, ReceiptIssued, Till, till_id
from domain.tills.totals import TaxTotal
from infra.event_store.codec import Codec, StateStore

EVENTS_AN_ORDER = 8
"""Coupon issued; sale, three stock movements, coupon redeemed, campaign drawn, receipt."""

SALE, COUPON_ID, CUSTOMER_ID, REGISTER = "SALE-ID", "COUPON-ID", "CUSTOMER-ID", "REGISTER-ID"
SOLD_BY, ISSUED_BY = "COMMAND-ID", "ISSUE-ID"
AT, AT_TEXT = datetime(2001, 1, 1, 20, tzinfo=UTC), "2001-01-01T20:00:00Z"
DAY = "2001-01-02"
"""AT's business day where the stores are."""
RECEIPT = 777_777_777
VERSIONS, POSITIONS = (
    tuple(f"{what}<{event}>" for event in range(EVENTS_AN_ORDER)) for what in ("VERSION", "POSITION")
)

TEXTS = (SALE, COUPON_ID, CUSTOMER_ID, REGISTER, SOLD_BY, ISSUED_BY, AT_TEXT, DAY)
MARKS = (*TEXTS, str(RECEIPT), *VERSIONS, *POSITIONS)
"""What differs from order to order, in the order in which `Kind.fill` takes it: first bytes, then numbers."""

_MARK = re.compile("|".join(map(re.escape, MARKS)))
_CODE_BOX = base64.b64encode(bytes(47)).decode()
"""As long as a sealed code."""


class Memory(dict[str, Versioned]):
    """States by stream; what was never heard of is in its first state."""

    def __init__(self, states: Mapping[str, Versioned]) -> None:
        super().__init__(states)
        self.store = StateStore()

    def __missing__(self, stream: str) -> Versioned:
        return self.store.initial(stream)


class Kind(NamedTuple):
    """A kind of orders. `events` are those that move a stock item or a campaign, each with its stream."""

    rows: bytes
    wanted: "itemgetter[Any]"
    events: tuple[tuple[str, Event], ...]
    store_id: str
    total_minor: int
    taxes: tuple[TaxTotal, ...]

    def fill(self, values: Sequence[bytes | int]) -> bytes:
        """The rows of one order; `values` in the order of MARKS."""
        return self.rows % self.wanted(values)


def order_kind(states: Memory, number: int, recorded_at: datetime) -> Kind:
    """The kind of the order with this number in the spread trade, decided on the shop's states.

    All orders of the kind are recorded at the same time, as an import's are, whenever they occurred.
    """
    example = order(SPREAD, number)._replace(register_id=REGISTER, customer_id=CUSTOMER_ID)
    till = TILL.stream(till_id(example.store_id, REGISTER))
    known = Memory(states)
    known[CUSTOMER.stream(CUSTOMER_ID)] = Versioned(CUSTOMER.initial, 1)
    known[till] = Versioned(Till(last_number=RECEIPT - 1), 1)
    rows = _decided(known, _issue(example.campaign_id), ISSUED_BY, recorded_at)
    known[COUPON.stream(COUPON_ID)] = Versioned(Coupon(campaign_id=example.campaign_id), 1)
    rows += _decided(known, command(example, SALE, COUPON_ID), SOLD_BY, recorded_at)
    assert len(rows) == EVENTS_AN_ORDER
    receipt = rows[-1].event
    assert isinstance(receipt, ReceiptIssued)
    text, marks = _text(rows)
    return Kind(
        rows=text,
        wanted=itemgetter(*(MARKS.index(mark) for mark in marks)),
        events=tuple(
            (row.stream, row.event) for row in rows if row.stream.startswith(("stock-", "campaign-"))
        ),
        store_id=example.store_id,
        total_minor=receipt.total_minor,
        taxes=receipt.taxes,
    )


class _Row(NamedTuple):
    stream: str
    event: Event
    state: bytes


def _issue(campaign_id: str) -> IssueCoupons:
    """Issues one coupon, whose sealed code nobody will open."""
    code = Sealed(
        key_id="00000000-0000-4000-8000-000000000000",
        subject=CAMPAIGN.stream(campaign_id),
        place=f"{CouponIssued.TYPE}/code/{COUPON_ID}",
        box=_CODE_BOX,
    )
    return IssueCoupons(campaign_id=campaign_id, coupons=(NewCoupon(coupon_id=COUPON_ID, code=code),))


def _decided(states: Memory, command: Command, command_id: str, recorded_at: datetime) -> list[_Row]:
    """What the command leads to, as it would be stored."""
    decision = command.decide(States(states), Moment(occurred_at=AT, recorded_at=recorded_at))
    envelope = Envelope(
        occurred_at=AT,
        recorded_at=recorded_at,
        actor="key:bench",
        channel="api",
        terminal=REGISTER,
        command_id=command_id,
        correlation_id=command_id,
    )
    encoded = Codec().encode(envelope, [event for _, event in decision.events])
    return [
        _Row(stream, event, state) for (stream, event), state in zip(decision.events, encoded, strict=True)
    ]


def _text(rows: Sequence[_Row]) -> tuple[bytes, list[str]]:
    """The rows as COPY reads them, as a format, and the marks that it wants in order."""
    text = "".join(
        f"{row.stream}\t{version}\t{row.event.TYPE}\t{row.state.decode()}\t{position}\n"
        for row, version, position in zip(rows, VERSIONS, POSITIONS, strict=True)
    )
    assert "\\" not in text, "neither COPY nor bytea takes a backslash as it stands"
    form = _MARK.sub(lambda mark: "%b" if mark[0] in TEXTS else "%d", text.replace("%", "%%"))
    return form.encode(), _MARK.findall(text)
