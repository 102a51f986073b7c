"""Counts over HTTP: while tills sell and others post, when the same is sent twice, and who is told what."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event, Lock

import pytest

from tests.support.api import REPLAYED, Caller, Json, World, cash, cny, fresh, problem, product, receive

TILLS = 8
WIDE = {"pieces": 10**9}
CORRECTED = """
SELECT (data ->> 'quantity')::bigint FROM history WHERE stream = %s AND data ->> 'reason' = 'late'
    AND data ->> 'to' = 'shelf'
"""


def stocked(shop: World, quantity: int = 100) -> str:
    """A product at 10.00 of which so many are there, at 6.00."""
    sku = fresh("plum")
    shop.made("/v1/products", product(sku))
    receive(shop, sku, quantity)
    return sku


def start(shop: World, *skus: str, **fields: object) -> str:
    """The path of a count of these."""
    body = {"kind": "spot", "tolerance": WIDE, **fields}
    path = f"/v1/stores/s1/counts/{shop.made('/v1/stores/s1/counts', body)['count_id']}"
    shop.made(f"{path}/items", {"skus": list(skus)})
    return path


def find(shop: Caller, path: str, sku: str, quantity: int, **fields: object) -> Json:
    return shop.made(f"{path}/lines", {"lines": [{"sku": sku, "quantity": quantity, **fields}]})


def on_hand(shop: World, sku: str) -> int:
    shop.catch_up()
    return shop.read(f"/v1/stores/s1/stock/{sku}")["on_hand"]


def sale(sku: str, quantity: int, sold_at: datetime) -> Json:
    return {
        "sale_id": fresh("off"),
        "lines": [{"sku": sku, "quantity": quantity, "total": cny(1000 * quantity)}],
        "tenders": [cash(1000 * quantity)],
        "occurred_at": sold_at.isoformat(),
    }


class SellingTills:
    """Tills that sell one by one, the one or the other offline, until they are told to stop."""

    def __init__(self, callers: list[Caller], sku: str) -> None:
        self.offline: list[Json] = []
        self._callers = callers
        self._sku = sku
        self._sold: list[datetime] = []
        self._lock = Lock()
        self._stop = Event()

    def sold_until(self, instant: datetime) -> int:
        """What customers carried out until then, whatever the shop knows of it."""
        with self._lock:
            return sum(1 for sold_at in self._sold if sold_at <= instant)

    def now(self) -> datetime:
        """An instant at which nobody is just carrying something out."""
        with self._lock:
            return datetime.now(UTC)

    def run(self, number: int) -> None:
        caller = self._callers[number % len(self._callers)]
        for turn in range(1_000):
            if self._stop.is_set() and turn >= 3:
                return
            with self._lock:
                made = sale(self._sku, 1, datetime.now(UTC))
                self._sold.append(datetime.fromisoformat(made["occurred_at"]))
            if number == 0 and turn < 100:
                self.offline.append(made)
                self._stop.wait(0.01)
            else:
                body = {"lines": [{"sku": self._sku, "quantity": 1}], "tenders": [cash(1000)]}
                caller.made("/v1/stores/s1/sales", {**body, "occurred_at": made["occurred_at"]})

    def stop(self) -> None:
        self._stop.set()


def test_a_count_while_eight_tills_sell_and_a_batch_comes_late_says_what_was_missing_then(
    shop: World,
) -> None:
    """Three are missing, whenever it is asked and whatever is told when."""
    sku = stocked(shop, 10_000)
    path = start(shop, sku)
    with shop.restarted() as other, ThreadPoolExecutor(TILLS) as pool:
        tills = SellingTills([shop, other], sku)
        selling = [pool.submit(tills.run, number) for number in range(TILLS)]
        while tills.sold_until(tills.now()) < 30:
            pass
        counted_at = tills.now()
        counted = 10_000 - tills.sold_until(counted_at) - 3
        find(shop, path, sku, counted, counted_at=counted_at.isoformat())
        [posted] = shop.made(f"{path}/postings", {})["lines"]
        while tills.sold_until(tills.now()) < 60:
            pass
        tills.stop()
        for each in selling:
            each.result()
    before = [made for made in tills.offline if datetime.fromisoformat(made["occurred_at"]) <= counted_at]
    assert before, "a till was offline before the count"
    for _ in range(2):
        answer = shop.post("/v1/stores/s1/sales/batch", {"sales": tills.offline})
        assert answer.status_code == 200, answer.text
    corrected = sum(quantity for (quantity,) in shop.query(CORRECTED, f"stock-s1/{sku}"))
    assert posted["difference"] + corrected == -3
    since = tills.sold_until(datetime.now(UTC)) - tills.sold_until(counted_at)
    assert on_hand(shop, sku) == counted - since


def test_what_was_sold_offline_before_the_count_corrects_it_once(shop: World) -> None:
    sku = stocked(shop)
    path = start(shop, sku)
    sold_at = datetime.now(UTC) - timedelta(hours=1)
    find(shop, path, sku, 58)
    assert shop.made(f"{path}/postings", {})["lines"][0]["difference"] == -42
    late = {"sales": [sale(sku, 40, sold_at)]}
    assert [shop.post("/v1/stores/s1/sales/batch", late).status_code for _ in range(3)] == 3 * [200]
    assert on_hand(shop, sku) == 58
    assert shop.read(f"/v1/stores/s1/stock/{sku}")["adjusted"] == -2


def test_the_same_posting_sent_twice_is_one(shop: World) -> None:
    sku = stocked(shop)
    path, key = start(shop, sku), fresh()
    find(shop, path, sku, 98)
    first = shop.post(f"{path}/postings", {}, Idempotency_Key=key)
    again = shop.post(f"{path}/postings", {}, Idempotency_Key=key)
    assert (again.content, again.headers[REPLAYED]) == (first.content, "true")
    assert on_hand(shop, sku) == 98


def test_of_two_who_post_at_once_one_does(shop: World) -> None:
    sku = stocked(shop)
    path = start(shop, sku)
    find(shop, path, sku, 98)
    with shop.restarted() as other, ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(caller.post, f"{path}/postings", {}) for caller in (shop, other)]
        statuses = sorted(answer.result().status_code for answer in asked)
    assert statuses == [201, 409]
    assert on_hand(shop, sku) == 98


def test_a_posting_that_ended_halfway_goes_on_where_it_was(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = sorted((stocked(shop), stocked(shop)))
    path = start(shop, first, second)
    for sku in (first, second):
        find(shop, path, sku, 98)
    monkeypatch.setattr("domain.stockroom.counts_posted.MAX_POSTED", 1)
    assert shop.made(f"{path}/postings", {})["left"] == 1
    with shop.restarted() as after:
        rest = after.made(f"{path}/postings", {})
    assert (rest["left"], rest["status"], [line["sku"] for line in rest["lines"]]) == (0, "posted", [second])
    assert (on_hand(shop, first), on_hand(shop, second)) == (98, 98)


def test_a_count_is_called_off_some_items_at_a_time(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = stocked(shop), stocked(shop)
    path = start(shop, first, second)
    monkeypatch.setattr("domain.stockroom.counts.MAX_LINES", 1)
    assert shop.made(f"{path}/cancellations", {})["status"] == "open"
    refused = shop.post(f"{path}/lines", {"lines": [{"sku": second, "quantity": 1}]})
    assert problem(refused) == (409, "count_ended")
    assert shop.made(f"{path}/cancellations", {})["status"] == "cancelled"


def test_who_counts_reads_nothing_of_the_book(shop: World) -> None:
    """The number is one that stands nowhere else."""
    sku = stocked(shop, 48_613)
    path = start(shop, sku)
    counter = shop.caller("counts:count")
    answers = [
        counter.post(f"{path}/lines", {"lines": [{"sku": sku, "quantity": 5}]}),
        counter.get(path),
        counter.get(f"{path}/items"),
        counter.get("/v1/stores/s1/counts"),
    ]
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert not [answer.url for answer in answers if "48613" in answer.text or "48608" in answer.text]
    for refused in (
        counter.get(f"{path}/differences"),
        counter.post(f"{path}/postings", {}),
        counter.get(f"/v1/stores/s1/stock/{sku}"),
    ):
        assert problem(refused) == (403, "forbidden")


def test_who_does_not_count_blind_is_told_the_book(shop: World) -> None:
    sku = stocked(shop, 7)
    path = start(shop, sku, blind=False)
    assert shop.caller("counts:count").read(f"{path}/items")["data"] == [
        {"sku": sku, "unit": "piece", "state": "to_count", "book": 7}
    ]


def test_who_posts_sees_the_differences_and_what_is_to_be_counted_again(shop: World) -> None:
    sku = stocked(shop)
    path = start(shop, sku, tolerance={"permille": 10})
    find(shop, path, sku, 98)
    [row] = shop.read(f"{path}/differences")["data"]
    assert (row["book"], row["counted"], row["difference"], row["cost"], row["recount_needed"]) == (
        100,
        98,
        -2,
        cny(-1200),
        True,
    )
    refused = shop.post(f"{path}/postings", {})
    assert (problem(refused), refused.json()["facts"]) == ((409, "recount_needed"), {"skus": [sku]})
    shop.made(f"{path}/recounts", {"skus": [sku]})
    assert shop.read(f"{path}/items")["data"][0]["state"] == "to_recount"
    again = shop.post(f"{path}/lines", {"lines": [{"sku": sku, "quantity": 98}]})
    assert problem(again) == (409, "recount_by_another")
    find(shop.caller("counts:count"), path, sku, 98)
    assert shop.made(f"{path}/postings", {})["status"] == "posted"


def test_much_is_posted_by_two(shop: World) -> None:
    sku = stocked(shop)
    path = start(shop, sku, approve_above=cny(1000))
    find(shop, path, sku, 98)
    refused = shop.post(f"{path}/postings", {})
    assert problem(refused) == (409, "count_unapproved")
    assert refused.json()["facts"]["needed"] == 1200
    shop.made(f"{path}/approvals", {"up_to": cny(1200)})
    assert problem(shop.post(f"{path}/postings", {})) == (409, "count_unapproved")
    second = shop.caller("counts:write")
    assert second.made(f"{path}/postings", {})["lines"][0]["cost"] == cny(-1200)


def test_counts_are_listed_with_how_far_they_are(shop: World) -> None:
    path = start(shop, stocked(shop), stocked(shop), location="")
    shop.catch_up()
    [row] = [
        row
        for row in shop.read("/v1/stores/s1/counts?status=open")["data"]
        if row["count_id"] == path.rpartition("/")[2]
    ]
    assert (row["kind"], row["location"], row["items"], row["left"]) == ("spot", "", 2, 2)


def test_no_count_is_called_as_what_is_due(shop: World) -> None:
    refused = shop.post("/v1/stores/s1/counts", {"count_id": "due", "kind": "spot"})
    assert problem(refused) == (400, "invalid_request")


def test_another_store_has_no_such_count(shop: World) -> None:
    path = start(shop, stocked(shop)).replace("/s1/", "/s2/")
    assert problem(shop.get(path)) == (404, "not_found")
    assert problem(shop.post(f"{path}/postings", {})) == (404, "not_found")


def test_pages_of_items_end_with_an_item(shop: World) -> None:
    skus = sorted((stocked(shop), stocked(shop), stocked(shop)))
    path = start(shop, *skus)
    for sku in skus:
        find(shop, path, sku, 100)
    first = shop.read(f"{path}/differences?limit=2")
    rest = shop.read(f"{path}/differences?limit=2&cursor={first['next_cursor']}")
    assert [row["sku"] for row in (*first["data"], *rest["data"])] == skus
    assert rest["next_cursor"] is None
