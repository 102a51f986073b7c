"""What is another tenant's is, to a key, what there isn't: whatever id is guessed, and wherever it is put.

The places for ids are read from the frozen OpenAPI description, which tests/api/test_openapi.py holds against
the routes. So a new route or field is walked over without anybody thinking of it. One whose name is neither
in IDS nor in NO_IDS fails a test until somebody says which it is.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import httpx
import pytest

from tests.support.api import (
    Caller,
    World,
    add_campaign,
    add_shop,
    basket,
    cny,
    complain,
    fresh,
    fresh_word,
    line,
    sell,
)
from tests.support.calls import CALLS, Call
from tests.support.places import OPENAPI, Named, named_places, planted
from tests.support.routes import filled, fresh_barcode, routes_of, send, sender
from tests.support.things import Maker, Things

Json = dict[str, Any]

IDS: Mapping[str, str] = {
    "answer_id": "answer_id",
    "batch_id": "batch_id",
    "campaign_id": "campaign_id",
    "card_id": "card_id",
    "code": "code",
    "complaint_id": "complaint_id",
    "lead_id": "lead_id",
    "task_id": "task_id",
    "coupon_codes": "code",
    "contact_id": "contact_id",
    "coupon_id": "coupon_id",
    "customer_id": "customer_id",
    "customer_ids": "customer_id",
    "other_id": "customer_id",
    "about_employee_id": "employee_id",
    "employee_id": "employee_id",
    "owner_id": "employee_id",
    "employee_ids": "employee_id",
    "barcode": "barcode",
    "goods_return_id": "goods_return_id",
    "key_id": "key_id",
    "label": "label",
    "ladder": "ladder",
    "segment_id": "segment_id",
    "list_id": "list_id",
    "offer_id": "offer_id",
    "order_id": "order_id",
    "parked_id": "parked_id",
    "purchase_id": "purchase_id",
    "register_id": "register_id",
    "return_id": "return_id",
    "role": "role",
    "scheme_id": "scheme_id",
    "message_id": "message_id",
    "rule_id": "rule_id",
    "sale_id": "sale_id",
    "sku": "sku",
    "skus": "sku",
    "store_id": "store_id",
    "supplier_id": "supplier_id",
    "survey_id": "survey_id",
    "stores": "store_id",
    "stream": "stream",
    "subject": "subject",
    "target": "sale_id",
    "target_id": "target_id",
    "scorecard_id": "scorecard_id",
    "to_store_id": "store_id",
    "transfer_id": "transfer_id",
    "count_id": "count_id",
    "user_id": "user_id",
    "without_skus": "sku",
}
"""Where an id can stand, and the name under which the shop's own is known here."""

NO_IDS = frozenset(
    {
        *("after", "cursor", "limit", "days"),
        *("recipient", "note", "comment", "outcome", "day"),
        *("first_day", "last_day", "corrects", "indicator"),
        *("from", "to", "month", "valid_from", "valid_until", "occurred_at", "birthday", "time_zone"),
        *(
            "category",
            "group_by",
            "period",
            "status",
            "method",
            "currency",
            "name",
            "email",
            "phone",
            "address",
        ),
        *("address", "copy", "format", "language", "paper"),
        "shift",
        # Who is in a scheme is only compared with who sold.
        *("from_period", "employees"),
        # A review is named within its employee's, and a plan within its review.
        *("cycle", "plan", "due", "comment"),
        # Honours are listed by month, and none is looked up.
        *("honour_id", "title", "rank_by"),
        "skill",
        # Orders to suppliers are not looked up, and suggestions are numbered within their item.
        *("number", "rule", "kind"),
        *("lot", "price_reason", "reason", "text"),
        *("sell_by", "location", "locations", "from_location", "to_location", "receipt"),
        *("basis", "cost_method", "supplier_id"),
        # Ids within a table are names for something new.
        "csv",
        # A void is named for its approval alone.
        "void_id",
        *("because", "condition", "exception", "reason_code", "reasons"),
        *("carrier", "tracking_number", "event_id", "happened_at", "cause", "reference", "skills"),
        # Receipts are named within their order or transfer.
        *("receipt_id", "sell_by", "source"),
        *("registration", "supplier_sku", "expected_on"),
        *("counted_at", "recount_by"),
        # Shipments are named within their order.
        *("ship_by", "token", "shipment_id"),
        *("matter", "about", "city", "lines", "region", "postal_code", "country"),
        *("channel", "phone_last4", "proof", "purpose", "text_version"),
        *("categories", "group", "segments"),
        # Nothing looks a household up: those who have the same one belong together.
        *("gender", "card", "tags", "acquisition", "household_id", "place"),
        *("occasion", "active_from", "active_until", "lead_days", "after_days", "dates", "texts"),
        *("quiet", "cap", "coupon", "unnamed", "holdout_permille", "conversion_days", "page"),
        *("of", "field", "label", "type", "choices", "values"),
        *("barcodes", "scale_numbers", "prefix", "measure", "unit"),
        # Nothing looks them up: whatever is written there is only compared.
        *("excluded_skus", "excluded_categories", "tiers", "document"),
        *("stage", "action", "due_at", "due_before", "on", "in_days"),
        *("as_of", "position", "since", "size", "expires_at"),
        *("reference", "coupon_reference", "until", "first"),
        *("tenant", "sign_in_name", "password", "current_password", "new_password", "permissions", "scopes"),
    }
)
"""Parameters and fields that name nothing that somebody could own. (A cursor is tested by itself, below.)"""

ONCE = {("changeOffer", "body"), ("cancelOrder", "body"), ("correctSale", "body")} | {
    ("setProgramme", "body"),
    ("defineSegment", "body"),
    ("setGoal", "body"),
    ("setScorecard", "body"),
    ("setServiceTerms", "body"),
    ("setAnswer", "body"),
    ("setScheme", "body"),
    ("setCareRule", "body"),
    ("setStoreServiceTerms", "body"),
    ("setSurveyPlan", "body"),
    ("settleComplaint", "body"),
    ("setReplenishmentPolicy", "body"),
    ("setAlertDefaults", "body"),
    ("setStoreAlerts", "body"),
    ("setProductAlerts", "body"),
    ("setItemAlerts", "body"),
    ("changePriceList", "body"),
    ("recallParkedSale", "body"),
    ("discardParkedSale", "body"),
    ("decideMarkdown", "body"),
}
PLACES = [
    place
    for place in named_places()
    # A changed offer has the fields of a new one, and its second change, as a programme's, finds another
    # version. An order is cancelled once, a parked basket taken up once, and a sale that was corrected has
    # nothing left for a second correction. A complaint is settled once; test_amends.py names others' things.
    if place.name in IDS and (place.operation, place.kind) not in ONCE
]


class Town(NamedTuple):
    """The neighbour, what is in the shop, and what is in the neighbour's own."""

    neighbour: World
    theirs: dict[str, str]
    own: dict[str, str]


@pytest.fixture(scope="module")
def neighbour(shop: World) -> World:
    """A shop like the other."""
    neighbour = shop.neighbour()
    add_shop(neighbour)
    return neighbour


@pytest.fixture
def town(shop: World, neighbour: World) -> Town:
    """The two, with things that are made when the test asks for them: none before has changed them."""
    return Town(neighbour, stocked(shop), stocked(neighbour))


@pytest.fixture(scope="module")
def quiet_town(shop: World, neighbour: World) -> Town:
    """The same for all tests that change nothing in it, with one of each kind for whatever lists them."""
    return Town(neighbour, stocked(shop).all(), stocked(neighbour).all())


def stocked(shop: World) -> Things:
    """Things that no other shop of the test has."""
    return Things(shop, OWN)


def _return(things: Things) -> str:
    """Named by the shop itself."""
    sold = sell(things.shop, line("apple"), store_id=things["store_id"], register_id=things["register_id"])
    back = {"return_id": fresh("r"), "lines": [{"line": 1, "quantity": 1}], "reason": "soft"}
    return things.made(f"/v1/sales/{sold['sale_id']}/returns", back)["return_id"]


def _register(things: Things) -> str:
    """One at which something was sold."""
    register_id = fresh("r")
    sell(things.shop, line("apple"), store_id=things["store_id"], register_id=register_id)
    return register_id


OWN: Mapping[str, Maker] = {
    "campaign_id": lambda things: add_campaign(things.shop, fresh("c"), amount_off=cny(100))["campaign_id"],
    "register_id": _register,
    "return_id": _return,
    "stream": lambda things: f"store-{things['store_id']}",
    "subject": lambda things: f"customer-{things['customer_id']}",
}


def test_every_place_of_the_api_is_known_to_hold_an_id_or_none() -> None:
    unknown = {place for place in named_places() if place.name not in {*IDS, *NO_IDS}}
    assert unknown == set(), "say in IDS or NO_IDS whether it names what somebody owns"


def test_every_operation_is_described(shop: World) -> None:
    """What is hidden from the description would be hidden from this walk."""
    known = {operation["operationId"] for path in OPENAPI["paths"].values() for operation in path.values()}
    routed = {route.handler.operation_id for route in routes_of(shop.app) if not route.public}
    assert routed - {None} <= known
    assert {place.operation for place in PLACES} <= set(CALLS)
    # A period of a cycle is a time, and nobody's.
    in_paths = {
        (route.handler.operation_id, name)
        for route in routes_of(shop.app)
        for name in names(route.path)
        if name != "period"
    }
    # A month may stand in a path, too.
    assert {each for each in in_paths if each[0] in known - BEARERS and each[1] not in NO_IDS} <= {
        (place.operation, place.name) for place in PLACES if place.kind == "path"
    }


def names(path: str) -> list[str]:
    return re.findall(r"{(\w+)[}:]", path)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.operation}-{place.kind}-{place.pointer}")
def test_a_neighbours_id_is_answered_as_one_that_nobody_has(
    shop: World, place: Named, request: pytest.FixtureRequest
) -> None:
    """The same to the letter where it is refused, the same fields where it is a name for something new."""
    reads = CALLS[place.operation].method == "GET"
    town: Town = request.getfixturevalue("quiet_town" if reads else "town")
    theirs = town.theirs[IDS[place.name]]
    nobodys = nobodys_id(place.name, theirs)
    before = shop.written()

    guessed = send(sender(town.neighbour, place.operation), asking(place, town.own, theirs))
    unknown = send(sender(town.neighbour, place.operation), asking(place, town.own, nobodys))

    assert shop.written() == before
    assert told(guessed, theirs) == told(unknown, nobodys)


OTHER_CUSTOMERS = re.compile("{(consenting|held|erasable|merged|wishing)_id}")
"""Customers in a state that a call needs."""
STATES = (
    "exceptional|open|closed|counted|blocked|targeted|paid|allocated|picked|shipped|lost"
    "|draft|unsent|ending|unwanted|leaving|held|untouched|policy|posted|dropped|suggested|accepted|served|referred"
    "|marked|gathered|alerted|told|disputed|won|over|done|crewed|drafted|reviewed|settled"
)
"""States that a call needs a complaint, an order, an item or somebody at a supplier to be in."""
BEARERS = {"trackOrder", "showSurvey", "answerSurvey", "followCareLink"}
"""What stands in the path is a secret that opens to whoever has it; test_tracking.py forges some."""
NEW_NAMES = {"defineRole", "defineSegment", "setAnswer", "setGoal", "setMarkdownLadder", "setScorecard"} | {
    *("setCareRule", "setScheme")
}
"""What stands in the path is a name for something new, too."""


@pytest.mark.parametrize(
    "operation", sorted({place.operation for place in PLACES if place.kind == "path"} - NEW_NAMES)
)
def test_with_all_ids_in_its_path_the_neighbours_it_is_not_found(
    shop: World, quiet_town: Town, operation: str
) -> None:
    call = filled(CALLS[operation], quiet_town.theirs)
    refused = shop.refusal(lambda: send(sender(quiet_town.neighbour, operation), call))
    assert refused == (404, "not_found")


def test_the_walk_would_notice(shop: World, town: Town) -> None:
    """To its own key, each of these ids is answered otherwise than one that nobody has."""
    noticed: set[str] = set()
    for place in PLACES:
        owner, id_ = sender(shop, place.operation), town.theirs[IDS[place.name]]
        own = told(send(owner, asking(place, town.theirs, id_)), "?")
        nobodys = told(send(owner, asking(place, town.theirs, nobodys_id(place.name, id_))), "?")
        if own[0] != nobodys[0]:
            noticed.add(place.name)
    assert noticed >= set(IDS) - {
        "register_id",
        "return_id",
        "role",
        "ladder",
        "skus",
        "stores",
        "subject",
        "target",
        "without_skus",
        # The walk has forgotten the customer before it comes to their facts.
        "owner_id",
    }


def nobodys_id(name: str, like: str) -> str:
    """An id of the same form that nobody has."""
    match IDS[name]:
        case "code" | "coupon_id" | "message_id":
            return like[::-1]
        case "barcode":
            return fresh_barcode()
        case "segment_id":
            return fresh_word("nobody")
        case "subject":
            return f"customer-{fresh('nobody')}"
        case "stream":
            return f"store-{fresh('nobody')}"
        case _:
            return fresh("nobody")


def asking(place: Named, ids: dict[str, str], id_: str) -> Call:
    """The operation's call with everything the caller's own, but for the id in one place."""
    call = CALLS[place.operation]
    path = call.path
    if place.kind == "path":
        # A call may fill a place under another name: a complaint that is open still.
        within = path.partition("?")[0]
        path = re.sub(rf"{{(({STATES})_)?{place.name}}}", id_, OTHER_CUSTOMERS.sub("{customer_id}", within))
        path += call.path[len(within) :]
    call = filled(Call(call.method, path, call.body), ids)
    match place.kind:
        case "query":
            rest = re.sub(rf"\b{place.name}=[^&]*&?", "", call.path)
            return Call(call.method, f"{rest}{'&' if '?' in rest else '?'}{place.name}={id_}", call.body)
        case "body":
            return Call(call.method, call.path, planted(call.body, place.way, id_))
        case _:
            return call


def told(response: httpx.Response, id_: str) -> tuple[int, Any]:
    """Status and content; of what was made, the fields alone."""
    if response.headers.get("content-type", "").startswith("text/csv"):
        return response.status_code, "text"
    if response.status_code < 400:
        return response.status_code, fields(response.json())
    told = response.text.replace(id_, "ID").replace(id_.removeprefix("customer-"), "ID")
    return response.status_code, re.sub(r'"request_id":"[^"]*"', "", told)


def fields(value: Any) -> Any:
    match value:
        case dict():
            return {name: fields(each) for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType]
        case list():
            return [fields(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return type(value).__name__


# --- what needs no id --------------------------------------------------------------------------------

MARK = "xyzzy"
ALL = "/v1/reports/sales?from=2000-01-01&to=2100-01-01&group_by=product"
WITHOUT_IDS = [
    operation
    for operation, call in CALLS.items()
    if call.method == "GET" and operation not in {place.operation for place in PLACES} | BEARERS
]


@pytest.fixture(scope="module")
def marked(shop: World) -> int:
    """The position after which something of each kind has ids that nobody else would choose."""
    before, _ = shop.written()
    product = {"sku": f"{MARK}-p", "name": MARK, "category": MARK, "unit": "piece", "price": cny(100)}
    shop.made("/v1/products", product)
    sell(shop, line(f"{MARK}-p"), sale_id=f"{MARK}-s")
    complain(shop, complaint_id=f"{MARK}-c")
    shop.catch_up()
    return before


@pytest.mark.usefixtures("marked")
@pytest.mark.parametrize("operation", [*WITHOUT_IDS, "salesReport"])
def test_no_list_holds_anything_of_the_neighbours(neighbour: World, operation: str) -> None:
    answer = sender(neighbour, operation).get(ALL if operation == "salesReport" else CALLS[operation].path)
    assert answer.status_code == 200
    assert MARK not in answer.text


@pytest.mark.parametrize("path", ["/v1/events?after={}", "/v1/complaints", ALL])
def test_whose_it_is_finds_it_there(shop: World, neighbour: Caller, marked: int, path: str) -> None:
    path = path.format(marked)
    assert MARK in shop.get(path).text
    assert MARK not in neighbour.get(path).text


def test_a_neighbours_cursor_leads_to_nothing_of_theirs(shop: World, town: Town) -> None:
    for _ in range(2):
        complain(shop)
    shop.catch_up()
    cursor = shop.read("/v1/complaints?limit=1")["next_cursor"]

    answer = town.neighbour.get(f"/v1/complaints?cursor={cursor}")

    own = {each["complaint_id"] for each in town.neighbour.read("/v1/complaints")["data"]}
    assert {each["complaint_id"] for each in answer.json()["data"]} <= own


def test_a_neighbours_idempotency_key_replays_nothing_of_theirs(shop: World, town: Town) -> None:
    key = fresh()
    body = basket(line(), sale_id=fresh("sale"))
    first = shop.post("/v1/stores/s1/sales", body, Idempotency_Key=key)

    second = town.neighbour.post("/v1/stores/s1/sales", body, Idempotency_Key=key)

    assert (first.status_code, second.status_code) == (201, 201)
    assert "Idempotent-Replayed" not in second.headers
