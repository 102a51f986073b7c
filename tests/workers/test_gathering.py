"""Suggestions become drafts by themselves where a store says so: each once, and none is sent."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from infra.crypto.master_key import MasterKey
from infra.jobs import migrate_jobs
from infra.tenancy import Tenant, open_tenant
from tests.support.api import Json, World, add_shop, cny, fresh, problem, product, supplier, world
from tests.support.reacting import at_rest
from workers.jobs.gathering import Drafted, gather, gather_everywhere

STORE = "/v1/stores/s1/replenishment"
RULE = {"kind": "min_max", "minimum": 10, "maximum": 40}


@pytest.fixture(scope="module")
def shop(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    with world(worker_id, Path(tmp_path_factory.mktemp("gathering"))) as opened:
        migrate_jobs(opened.tenant.owner_url)
        add_shop(opened)
        yield opened


def ordering_from(shop: World, automatic: str | None) -> str:
    """A new supplier, from whom the store orders like that."""
    supplier_id = supplier(shop)
    set_ = shop.call("PUT", f"{STORE}/suppliers/{supplier_id}", {"automatic": automatic}, If_Match='"0"')
    assert set_.status_code == 200, set_.text
    return supplier_id


def suggested(shop: World, supplier_id: str, *, accepted: bool = True, with_terms: bool = True) -> str:
    """A new product of which an order is suggested, and accepted."""
    sku = shop.made("/v1/products", product(fresh("p")))["sku"]
    if with_terms:
        terms = {"sku": sku, "valid_from": "2026-01-01", "unit_cost": cny(50)}
        shop.made(f"/v1/suppliers/{supplier_id}/terms", {"lines": [terms]})
    policy = {"rule": RULE, "supplier_id": supplier_id}
    set_ = shop.call("PUT", f"{STORE}/policies/{sku}", {"policy": policy}, If_Match='"0"')
    assert set_.status_code == 200, set_.text
    shop.catch_up()
    assert shop.call("POST", f"{STORE}/looks").status_code == 200
    if accepted:
        shop.made(f"{STORE}/suggestions/{sku}/decision", {"number": 1})
    shop.catch_up()
    return sku


def at_work(shop: World, work: Callable[[Tenant], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        url, master = shop.tenant.service_url, MasterKey.of_file(shop.settings.master_key_file)
        async with open_tenant(url, url, master, shop.tenant.name) as tenant:
            return await work(tenant)

    return asyncio.run(run())


def drafts(shop: World, supplier_id: str) -> list[Json]:
    """The supplier's orders with their lines."""
    shop.catch_up()
    board = shop.read(f"/v1/purchase-orders?supplier_id={supplier_id}")["data"]
    return [shop.read(f"/v1/purchase-orders/{each['purchase_id']}") for each in board]


def suggestion(shop: World, sku: str) -> Json:
    shop.catch_up()
    for status in ("made", "accepted", "drafted", "dismissed", "ordered"):
        for one in shop.read(f"{STORE}/suggestions?status={status}&limit=250")["data"]:
            if one["sku"] == sku:
                return one
    raise AssertionError(f"nothing is suggested of {sku}")


def test_accepted_suggestions_become_one_draft_that_nobody_sends(shop: World) -> None:
    supplier_id = ordering_from(shop, "accepted")
    skus = sorted(suggested(shop, supplier_id) for _ in range(2))
    waits = suggested(shop, supplier_id, accepted=False)

    assert at_work(shop, gather).drafts == 1

    (draft,) = drafts(shop, supplier_id)
    assert draft["status"] == "draft"
    assert [(line["sku"], line["ordered"]) for line in draft["lines"]] == [(sku, 40) for sku in skus]
    assert suggestion(shop, waits)["status"] == "made"
    assert suggestion(shop, skus[0])["reference"] == f"purchase-{draft['purchase_id']}"


def test_whoever_gathers_again_and_at_once_drafts_nothing_twice(shop: World) -> None:
    """Before the read model has seen what the first one did."""
    supplier_id = ordering_from(shop, "accepted")
    suggested(shop, supplier_id)

    async def five(tenant: Tenant) -> None:
        await asyncio.gather(*(gather(tenant) for _ in range(5)))
        await gather(tenant)

    at_work(shop, five)

    assert len(drafts(shop, supplier_id)) == 1
    assert asyncio.run(gather_everywhere(shop.settings)).drafts == 0


def test_what_nobody_decided_on_is_drafted_where_the_store_says_so(shop: World) -> None:
    supplier_id = ordering_from(shop, "open")
    sku = suggested(shop, supplier_id, accepted=False)

    assert at_work(shop, gather).drafts == 1

    found = suggestion(shop, sku)
    assert (found["status"], found["settled_by"]) == ("drafted", "replenishment")


def test_no_policy_no_draft(shop: World) -> None:
    supplier_id = ordering_from(shop, None)
    sku = suggested(shop, supplier_id)

    assert at_work(shop, gather) == Drafted(0, at_work(shop, gather).suggestions)
    assert suggestion(shop, sku)["status"] == "accepted"


def test_a_supplier_without_terms_holds_up_no_other(shop: World) -> None:
    without, other = (ordering_from(shop, "accepted") for _ in range(2))
    sku = suggested(shop, without, with_terms=False)
    suggested(shop, other)

    assert at_work(shop, gather).drafts == 1
    assert (drafts(shop, without), len(drafts(shop, other))) == ([], 1)
    assert suggestion(shop, sku)["status"] == "accepted"


@pytest.mark.parametrize(
    ("step", "body", "status"),
    [("sending", {}, "ordered"), ("cancellation", {"cause": "too dear"}, "dismissed")],
)
def test_what_becomes_of_the_draft_settles_the_suggestion_by_itself(
    shop: World, step: str, body: Json, status: str
) -> None:
    supplier_id = ordering_from(shop, "accepted")
    sku = suggested(shop, supplier_id)
    at_work(shop, gather)
    (draft,) = drafts(shop, supplier_id)
    dismissed = {"number": 1, "quantity": 0, "reason": "season is over"}
    assert problem(shop.post(f"{STORE}/suggestions/{sku}/decision", dismissed)) == (409, "suggestion_settled")

    sent = {**body, **({"by_mail": False} if step == "sending" else {})}
    shop.made(f"/v1/purchase-orders/{draft['purchase_id']}/{step}", sent)
    asyncio.run(at_rest(shop))

    assert suggestion(shop, sku)["status"] == status


def test_a_policy_is_read_as_it_was_set(shop: World) -> None:
    path = f"{STORE}/suppliers/{ordering_from(shop, 'open')}"
    read = shop.get(path)
    assert (read.json(), read.headers["ETag"]) == ({"automatic": "open"}, '"1"')
    assert problem(shop.call("PUT", path, {"automatic": None}, If_Match='"0"')) == (412, "version_conflict")
    assert problem(shop.get(f"{STORE}/suppliers/nobody")) == (404, "not_found")
