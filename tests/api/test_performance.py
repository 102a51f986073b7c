"""The performance report and honours: ranks, ties, small groups, and who sees what somebody gets."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.api import (
    Caller,
    Json,
    World,
    add_shop,
    add_store,
    cny,
    complain,
    fresh,
    line,
    receive,
    sell,
    world,
)
from tests.support.people import signed_in

MONTH = "2026-03"
WHEN = "2026-03-05T03:00:00Z"
REPORT = f"/v1/reports/performance?month={MONTH}"


@pytest.fixture(scope="module")
def trade(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    """Ann and Bob each keep three apples sold, Cid one; Dan sold two in the other store.

    An apple is 9.17 without tax, and cost 6.00.
    """
    with world(worker_id, tmp_path_factory.mktemp("trade")) as shop:
        add_shop(shop)
        for name, store_id in (("ann", "s1"), ("bob", "s1"), ("cid", "s1"), ("dan", "s2")):
            shop.made("/v1/employees", {"employee_id": name, "name": name, "store_id": store_id})
        for store_id in ("s1", "s2"):
            receive(shop, "apple", 100, store_id=store_id)
        for name, apples, store_id in (
            ("ann", 3, "s1"),
            ("bob", 3, "s1"),
            ("bob", 1, "s1"),
            ("cid", 1, "s1"),
            ("dan", 2, "s2"),
        ):
            sale = sell(shop, line("apple", apples), employee_id=name, occurred_at=WHEN, store_id=store_id)
            if (name, apples) == ("bob", 1):
                back = {"lines": [{"line": 1, "quantity": 1}], "reason": "soft", "occurred_at": WHEN}
                shop.made(f"/v1/sales/{sale['sale_id']}/returns", back)
        shop.catch_up()
        yield shop


def rows(shop: Caller, path: str = REPORT) -> dict[str, Json]:
    return {row["employee_id"]: row for row in shop.read(path)["data"]}


def test_those_who_are_level_share_a_rank_and_the_next_one_is_left_out(trade: World) -> None:
    ranks = {name: row["rank"] for name, row in rows(trade).items()}

    assert ranks == {"ann": 1, "bob": 1, "dan": 3, "cid": 4}


def test_what_came_back_counts_for_whoever_sold(trade: World) -> None:
    bob = rows(trade)["bob"]

    assert (bob["sales"], bob["returns"]) == (2, 1)
    assert (bob["net"], bob["returned"], bob["margin"]) == (cny(2_752), cny(917), cny(952))


def test_others_are_first_by_the_number_of_sales(trade: World) -> None:
    ranks = {name: row["rank"] for name, row in rows(trade, f"{REPORT}&rank_by=sales").items()}

    assert ranks == {"bob": 1, "ann": 2, "cid": 2, "dan": 2}


def test_a_store_has_its_own_ranks_and_a_small_group_is_called_so(trade: World) -> None:
    (dan,) = rows(trade, f"{REPORT}&store_id=s2").values()

    assert (dan["employee_id"], dan["rank"], dan["among"], dan["small_group"]) == ("dan", 1, 1, True)


def test_whoever_sees_one_store_gets_no_other(trade: World) -> None:
    here = trade.caller("reports:read", stores=["s2"])

    assert [row["employee_id"] for row in here.read(REPORT)["data"]] == ["dan"]


def test_what_somebody_gets_is_told_to_whom_it_may_be(trade: World) -> None:
    scheme = {"base": "net", "tiers": [{"from_minor": 0, "rate_bp": 300}]}
    terms = {"from_period": MONTH, "terms": {"currency": "CNY", "commission": [scheme]}}
    assert trade.call("PUT", "/v1/schemes/pay", terms, If_Match='"0"').status_code == 200
    trade.made(f"/v1/schemes/pay/periods/{MONTH}/closing", {})
    trade.catch_up()

    assert (rows(trade)["ann"]["commission"], rows(trade)["ann"]["bonus"]) == (cny(83), cny(0))
    analyst, manager = signed_in(trade, "analyst"), signed_in(trade, "manager", store_id="s1")
    assert {row["commission"] for row in analyst.read(REPORT)["data"]} == {None}
    assert {row["commission"] for row in manager.read(REPORT)["data"]} == {None}
    own = manager.read(f"{REPORT}&store_id=s1")["data"]
    assert next(row for row in own if row["employee_id"] == "ann")["commission"] == cny(83)


def test_honours_stand_in_the_report_and_in_the_list(trade: World) -> None:
    honour = {"period": MONTH, "title": "best seller", "employee_ids": ["ann", "bob"], "among": 3}
    honour_id = trade.made("/v1/honours", {**honour, "store_id": "s1"})["honour_id"]
    trade.catch_up()

    assert rows(trade)["ann"]["honours"] == rows(trade)["bob"]["honours"] == ["best seller"]
    listed = trade.read(f"/v1/honours?period={MONTH}")["data"]
    assert [(each["honour_id"], each["employee_id"], each["shared"], each["among"]) for each in listed] == [
        (honour_id, "ann", 2, 3),
        (honour_id, "bob", 2, 3),
    ]
    elsewhere = trade.caller("reports:read", stores=["s2"])
    assert elsewhere.read(f"/v1/honours?period={MONTH}")["data"] == []


def test_a_complaint_about_somebody_is_counted(new_shop: World, tmp_path: Path) -> None:
    receive(new_shop, "apple", 10)
    sell(new_shop, line("apple"), employee_id="e1")
    complain(new_shop, store_id="s1", about_employee_id="e1")
    new_shop.catch_up()

    month = new_shop.query("SELECT max(month) FROM " + new_shop.tenant.schema + ".attributed_sales")[0][0]
    assert rows(new_shop, f"/v1/reports/performance?month={month}")["e1"]["complaints"] == 1


def stores(shop: Caller, path: str = REPORT) -> dict[str, Json]:
    return {row["store_id"]: row for row in shop.read(path)["stores"]}


def aimed(shop: World, goal: Json, **about: str) -> str:
    name = fresh("target")
    target = {"first_day": "2026-03-01", "last_day": "2196-12-31", **about, **goal}
    assert shop.call("PUT", f"/v1/targets/{name}", target, If_Match='"0"').status_code == 200
    return name


def test_stores_come_to_what_was_sold_there_whoever_sold_it(trade: World) -> None:
    told = {
        name: (row["sales"], row["returns"], row["net"], row["margin"]) for name, row in stores(trade).items()
    }

    assert told == {"s1": (4, 1, cny(6_421), cny(2_221)), "s2": (1, 0, cny(1_835), cny(635))}
    people = rows(trade)
    assert sum(people[name]["net"]["amount"] for name in ("ann", "bob", "cid")) == 6_421


def test_whoever_sees_one_store_gets_that_store_alone(trade: World) -> None:
    assert list(stores(trade.caller("reports:read", stores=["s2"]))) == ["s2"]
    assert list(stores(trade, f"{REPORT}&store_id=s1")) == ["s1"]


def test_targets_stand_with_whom_they_are_of(trade: World) -> None:
    anns = aimed(trade, {"units": 4}, employee_id="ann", store_id="s1", sku="apple")
    everywhere = aimed(trade, {"count": 2}, employee_id="ann")
    ours = aimed(trade, {"money": cny(14_000)}, store_id="s1")
    aimed(trade, {"count": 100})
    trade.catch_up()

    told = {
        name: {goal["target_id"]: goal["reached_permille"] for goal in row["targets"]}
        for name, row in (rows(trade) | stores(trade)).items()
    }

    none: dict[str, int] = {}
    assert told == {
        "ann": {anns: 750, everywhere: 500},
        "bob": none,
        "cid": none,
        "dan": none,
        "s1": {ours: 500},
        "s2": none,
    }
    here = trade.caller("reports:read", stores=["s1"])
    assert [goal["target_id"] for goal in rows(here)["ann"]["targets"]] == [anns]


def test_answers_and_leads_count_for_whose_they_are_and_where_there_are_none_nothing_is_said(
    new_shop: World,
) -> None:
    add_store(new_shop, "s3", time_zone="UTC")
    for name in ("eve", "fay"):
        new_shop.made("/v1/employees", {"employee_id": name, "name": name, "store_id": "s3"})
    receive(new_shop, "apple", 10, store_id="s3")
    for name in ("eve", "fay"):
        sell(new_shop, line("apple"), employee_id=name, store_id="s3")
    for score in (4, 5):
        answered(new_shop, "eve", score)
    for end in ({}, {}, {"reason": "price"}):
        lead = {"customer_id": "c1", "store_id": "s3", "source": "web", "employee_id": "eve"}
        lead_id = new_shop.made("/v1/leads", lead)["lead_id"]
        new_shop.made(f"/v1/leads/{lead_id}/{'losses' if end else 'wins'}", end)
    new_shop.catch_up()

    month = new_shop.query(f"SELECT max(month) FROM {new_shop.tenant.schema}.attributed_sales")[0][0]
    path = f"/v1/reports/performance?month={month}"
    names = ("csat_answers", "csat_mean_milli", "leads_ended", "conversion_permille")
    told = {
        name: tuple(row[each] for each in names)
        for name, row in (rows(new_shop, path) | stores(new_shop, path)).items()
    }

    heard = (2, 4_500, 3, 667)
    assert told == {"eve": heard, "fay": (0, None, 0, None), "s3": heard}
    assert stores(new_shop, path)["s3"]["complaints"] == 2


def answered(shop: World, employee_id: str, score: int) -> None:
    """A complaint that the employee has resolved, and what its customer says of that."""
    path = f"/v1/complaints/{complain(shop, store_id='s3')}"
    shop.made(f"{path}/assignments", {"employee_id": employee_id})
    shop.made(f"{path}/resolutions", {"text": "Replaced."})
    link = shop.made(f"{path}/survey-links", {})["path"]
    shop.stranger().made(link, {"score": score})


def test_an_honour_of_a_store_is_given_by_its_manager(trade: World) -> None:
    honour = {"period": "2026-04", "title": "kindest", "employee_ids": ["dan"], "among": 4}
    manager = signed_in(trade, "manager", store_id="s1")

    def refused(**more: str) -> tuple[int, str]:
        return trade.refusal(lambda: manager.post("/v1/honours", {**honour, **more}))

    assert refused(store_id="s2") == (403, "forbidden")
    assert refused() == (403, "forbidden")
    assert refused(store_id="s1") == (422, "invalid_command")
