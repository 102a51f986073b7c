"""Carriers are asked over HTTP: what they say is told once, and nothing that they say breaks anything."""

import asyncio
import socket
from collections.abc import Generator
from typing import Any

import msgspec
import pytest

from domain.orders.attention import AttentionNeeded
from domain.orders.shipment import CarrierReported
from infra.carriers.port import Answer, CarrierAway, Parcel, Recording
from infra.carriers.web import LONGEST_BYTES, CarrierUnusable, WebCarriers
from tests.support.api import LONG_AFTER, LONG_AGO, World, add_shop, order, receive, world
from tests.support.carrier_server import CarrierServer, carrier_server
from tests.support.journals import facts, read_all, run
from workers.jobs.carriers import Asked, add_carrier_tasks, ask_for_all, carriers_of
from workers.jobs.maintenance import build_app

LATER = "2020-01-02T00:00:00Z"
PARCEL = Parcel("sf", "SF100")
Json = dict[str, Any]


@pytest.fixture
def carrier() -> Generator[CarrierServer]:
    with carrier_server() as server:
        yield server


@pytest.fixture(scope="module")
def opened(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[World]:
    with world(worker_id, tmp_path_factory.mktemp("carriers")) as made:
        add_shop(made)
        receive(made, "apple", 100)
        yield made


@pytest.fixture
def shop(opened: World) -> Generator[World]:
    """A shop of which nothing else is under way."""
    yield opened
    opened.catch_up()
    for row in opened.read("/v1/orders?status=shipped")["data"]:
        opened.made(f"/v1/orders/{row['order_id']}/receipt", {})


def event(status: str, event_id: str = "1", happened_at: str = LONG_AGO) -> Json:
    return {"event_id": event_id, "status": status, "happened_at": happened_at}


def ask(shop: World, carrier: CarrierServer, token: str | None = None) -> Asked:
    shop.catch_up()
    return asyncio.run(ask_for_all(shop.settings, WebCarriers(carrier.url, token)))


def shipped(shop: World, status: str = "shipped") -> str:
    return order(shop, status)


def stands(shop: World, order_id: str) -> tuple[str, str | None]:
    told = shop.read(f"/v1/orders/{order_id}")
    return told["status"], told["shipments"][0]["status"]


def reports(shop: World, order_id: str) -> list[str]:
    told = facts(run(read_all(shop.tenant)), CarrierReported)
    return [said.event_id for said in told if said.order_id == order_id]


def matters(shop: World, order_id: str) -> list[tuple[str, str, str]]:
    return [
        (each["matter"], each["about"], each["cause"])
        for each in shop.read(f"/v1/orders/{order_id}")["matters"]
    ]


def test_what_the_carrier_says_is_told_to_the_order_once(shop: World, carrier: CarrierServer) -> None:
    order_id = shipped(shop)
    carrier.knows("sf/SF100", event("in_transit"))
    assert ask(shop, carrier, "s3cret") == Asked(parcels=1, told=1)
    assert ask(shop, carrier) == Asked(parcels=1)
    assert (stands(shop, order_id), reports(shop, order_id)) == (("shipped", "in_transit"), ["1"])
    assert carrier.asked == [("/v1/sf/SF100", "Bearer s3cret"), ("/v1/sf/SF100", None)]


def test_two_that_ask_at_once_tell_once(shop: World, carrier: CarrierServer) -> None:
    order_id = shipped(shop)
    carrier.knows("sf/SF100", event("in_transit"), event("out_for_delivery", "2", LATER))
    shop.catch_up()

    async def both() -> None:
        asking = (ask_for_all(shop.settings, WebCarriers(carrier.url)) for _ in range(2))
        await asyncio.gather(*asking)

    asyncio.run(both())
    assert sorted(reports(shop, order_id)) == ["1", "2"]


def test_what_is_delivered_is_received_and_not_asked_about_again(shop: World, carrier: CarrierServer) -> None:
    order_id = shipped(shop)
    carrier.knows("sf/SF100", event("delivered", "2", LATER), event("in_transit"))
    ask(shop, carrier)
    assert stands(shop, order_id) == ("received", "delivered")
    assert ask(shop, carrier) == Asked()


def test_what_comes_late_does_not_go_back(shop: World, carrier: CarrierServer) -> None:
    order_id = shipped(shop)
    carrier.knows("sf/SF100", event("out_for_delivery", "2", LATER))
    ask(shop, carrier)
    carrier.knows("sf/SF100", event("in_transit", "1"), event("out_for_delivery", "2", LATER))
    assert ask(shop, carrier).told == 1
    assert stands(shop, order_id) == ("shipped", "out_for_delivery")


def test_a_parcel_that_nobody_has_heard_of_yet_is_no_fault(shop: World, carrier: CarrierServer) -> None:
    order_id = shipped(shop)
    assert ask(shop, carrier) == Asked(parcels=1)
    assert matters(shop, order_id) == []


def test_an_answer_that_nobody_can_use_is_an_exception_until_a_good_one_comes(
    shop: World, carrier: CarrierServer
) -> None:
    order_id = shipped(shop)
    carrier.answers("sf/SF100", b"<html>Oops</html>")
    assert [ask(shop, carrier).faults for _ in range(2)] == [1, 1]
    assert matters(shop, order_id) == [("carrier", "p1", "no list of events")]
    asked = facts(run(read_all(shop.tenant)), AttentionNeeded)
    assert [each.order_id for each in asked].count(order_id) == 1
    position = shop.catch_up()
    listed = shop.read("/v1/orders/exceptions", Daybook_Min_Position=str(position))["data"]
    assert {row["order_id"]: row["exceptions"] for row in listed} == {order_id: ["carrier"]}

    carrier.knows("sf/SF100", event("in_transit"))
    ask(shop, carrier)
    assert matters(shop, order_id) == []


def test_of_a_bad_answer_the_good_reports_are_taken(shop: World, carrier: CarrierServer) -> None:
    order_id = shipped(shop)
    carrier.knows("sf/SF100", event("teleported", "1"), event("in_transit", "2", LATER))
    assert ask(shop, carrier) == Asked(parcels=1, told=1, faults=1)
    assert (stands(shop, order_id)[1], matters(shop, order_id)[0][2]) == ("in_transit", "unknown status")


def test_somebody_says_that_a_matter_is_dealt_with(shop: World, carrier: CarrierServer) -> None:
    order_id = shipped(shop)
    carrier.answers("sf/SF100", b"?")
    ask(shop, carrier)
    shop.made(f"/v1/orders/{order_id}/attention", {"matter": "carrier", "about": "p1"})
    assert matters(shop, order_id) == []


def test_a_carrier_that_is_away_is_asked_again_and_nobody_is_bothered(
    shop: World, carrier: CarrierServer
) -> None:
    order_id = shipped(shop)
    carrier.answers("sf/SF100", b"", 503)
    assert ask(shop, carrier) == Asked(parcels=1, away=1)
    assert matters(shop, order_id) == []


def test_what_is_picked_up_is_asked_about_nowhere(shop: World, carrier: CarrierServer) -> None:
    order(shop, "picked", delivery={"pick_up": True})
    assert ask(shop, carrier) == Asked()


def test_without_an_address_nobody_is_asked(shop: World) -> None:
    carriers = carriers_of(shop.settings)
    assert isinstance(carriers, Recording)
    assert not carriers.asks


def test_the_jobs_process_asks_where_there_is_an_address(shop: World, carrier: CarrierServer) -> None:
    known: list[bool] = []
    for url in (None, carrier.url):
        app: Any = build_app(shop.tenant.service_url)
        add_carrier_tasks(app, msgspec.structs.replace(shop.settings, carrier_url=url))
        known.append("ask_carriers" in app.tasks)
    assert known == [False, True]


# --- the adapter alone ------------------------------------------------------------------------------


def said(carrier: CarrierServer) -> Answer:
    return asyncio.run(WebCarriers(carrier.url).reports_of(PARCEL))


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", "no list of events"),
        (b"\xff\xfe", "no list of events"),
        (b"[]", "no list of events"),
        (b'{"events": {}}', "no list of events"),
        (b'{"events": [1]}', "no event"),
        (b'{"events": [{"event_id": "1"}]}', "no event"),
        (b'{"events": [' + b",".join([b"{}"] * 501) + b"]}", "too many events"),
        (b" " * (LONGEST_BYTES + 1), "too long"),
    ],
)
def test_what_is_no_answer_is_a_fault(carrier: CarrierServer, body: bytes, fault: str) -> None:
    carrier.answers("sf/SF100", body)
    assert said(carrier) == Answer(fault=fault)


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"event_id": "Maria Rossi"}, "bad event id"),
        ({"event_id": "maria@example.it"}, "bad event id"),
        ({"event_id": "x" * 101}, "bad event id"),
        ({"status": "DELIVERED"}, "unknown status"),
        ({"happened_at": LONG_AFTER}, "impossible time"),
        ({"happened_at": "1969-01-01T00:00:00Z"}, "impossible time"),
        ({"happened_at": "2026-01-01T00:00:00"}, "no time zone"),
        ({"happened_at": 5}, "no event"),
    ],
)
def test_what_is_no_report_is_a_fault(carrier: CarrierServer, changed: Json, fault: str) -> None:
    carrier.knows("sf/SF100", event("in_transit") | changed)
    assert said(carrier) == Answer(fault=fault)


def test_what_is_said_besides_is_left_alone(carrier: CarrierServer) -> None:
    carrier.knows("sf/SF100", event("delivered") | {"signed_by": "Maria"})
    (report,) = said(carrier).reports
    assert (report.event_id, report.status) == ("1", "delivered")
    assert "Maria" not in str(msgspec.json.encode(report))


def test_no_redirect_is_followed_with_the_token(carrier: CarrierServer) -> None:
    carrier.answers("sf/SF100", f"{carrier.url}/elsewhere".encode(), 302)
    assert said(carrier) == Answer(fault="answered 302")
    assert [path for path, _ in carrier.asked] == ["/v1/sf/SF100"]


@pytest.mark.parametrize(("status", "fault"), [(401, "answered 401"), (410, "answered 410")])
def test_a_refusal_is_a_fault(carrier: CarrierServer, status: int, fault: str) -> None:
    carrier.answers("sf/SF100", b"", status)
    assert said(carrier) == Answer(fault=fault)


def test_nobody_there_is_away_and_the_address_is_not_told() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/s3cret"
        with pytest.raises(CarrierAway) as raised:
            asyncio.run(WebCarriers(url).reports_of(PARCEL))
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize("url", ["sf.example", "ftp://sf.example", "http://", "https://sf.example?key=1"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(CarrierUnusable):
        WebCarriers(url)
