"""The API's description: frozen in git, served as it is frozen, and true."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from api.openapi import FROZEN, difference, main
from api.operations import WAITING
from tests.support.api import World, problem
from tests.support.calls import CALLS, KEY_REQUIRED, OPEN
from tests.support.routes import filled, routes_of, send, sender
from tests.support.things import ids_for
from tests.support.walks import each

Json = dict[str, Any]
METHODS = {"get", "put", "post", "delete", "patch"}
TYPES = {"string", "integer", "number", "boolean", "array", "object", "null"}
OPENAPI: Json = msgspec.json.decode(FROZEN.read_bytes())
OPERATIONS: dict[str, tuple[str, str, Json]] = {
    operation["operationId"]: (method, path, operation)
    for path, item in OPENAPI["paths"].items()
    for method, operation in item.items()
}


def resolved(reference: str) -> Json:
    """What a $ref leads to; KeyError if to nothing."""
    found = OPENAPI
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def inside(node: object) -> Iterator[Json]:
    """Every object of the document."""
    if isinstance(node, dict):
        yield node
        for value in node.values():  # pyright: ignore[reportUnknownVariableType]
            yield from inside(value)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(node, list):
        for value in node:  # pyright: ignore[reportUnknownVariableType]
            yield from inside(value)  # pyright: ignore[reportUnknownArgumentType]


def parameters(name: str) -> dict[str, Json]:
    """An operation's parameters by name."""
    found = [
        resolved(given["$ref"]) if "$ref" in given else given for given in OPERATIONS[name][2]["parameters"]
    ]
    return {parameter["name"]: parameter for parameter in found}


def test_the_frozen_document_is_what_the_app_serves(shop: World) -> None:
    assert shop.stranger().get("/docs/openapi.json").content == FROZEN.read_bytes()


@pytest.mark.filterwarnings("ignore::litestar.exceptions.LitestarDeprecationWarning")
def test_the_frozen_document_is_what_the_code_says() -> None:
    assert main(["--check"]) == 0


def test_a_change_of_the_api_is_shown_line_by_line() -> None:
    frozen = FROZEN.read_bytes()
    changed = difference(frozen, frozen.replace(b'"checkOut"', b'"sell"'))
    assert '-          "operationId": "checkOut"'.replace(" ", "") in changed.replace(" ", "")


@pytest.mark.parametrize("page", ["/docs", "/docs/swagger"])
def test_the_pages_show_the_same_document(shop: World, page: str) -> None:
    assert "IdempotencyKeyRequired" in shop.stranger().get(page).text


def test_the_page_needs_no_other_server(shop: World) -> None:
    page = shop.stranger().get("/docs").text
    shell = page.replace(FROZEN.read_text(), "")
    assets = re.findall(r"(?:src|href)=[\"']([^\"']+)", shell)
    assert len(assets) >= 3
    for asset in assets:
        assert asset.startswith("/docs/assets/")
        assert shop.stranger().get(asset).status_code == 200


def test_it_is_openapi_3_1() -> None:
    assert (OPENAPI["openapi"][:4], OPENAPI["info"]["title"]) == ("3.1.", "Daybook")


def test_every_reference_leads_somewhere() -> None:
    references = {node["$ref"] for node in inside(OPENAPI) if "$ref" in node}
    assert all(resolved(reference) for reference in references)


def test_every_component_is_referred_to() -> None:
    references = {node["$ref"] for node in inside(OPENAPI) if "$ref" in node}
    kinds = ("schemas", "parameters", "headers", "responses")
    components = {f"#/components/{kind}/{name}" for kind in kinds for name in OPENAPI["components"][kind]}
    assert components - references == set()


def test_every_schema_has_a_type_that_json_has() -> None:
    types = [
        node["type"] for node in inside(OPENAPI["components"]["schemas"]) if isinstance(node.get("type"), str)
    ]
    assert set(types) <= TYPES


def test_every_operation_of_the_app_is_described(shop: World) -> None:
    served = {
        (route.method.lower(), route.path)
        for route in routes_of(shop.app)
        if route.handler.resolve_include_in_schema()
    }
    assert {(method, path) for method, path, _ in OPERATIONS.values()} == served


def test_only_metrics_and_the_second_address_of_streams_are_left_out(shop: World) -> None:
    left_out = {route.path for route in routes_of(shop.app) if not route.handler.resolve_include_in_schema()}
    assert {path for path in left_out if not path.startswith("/docs")} == {
        "/metrics",
        "/v1/streams/{stream}/{item}",
        "/v1/streams/{stream}/{item}/events",
    }


@each("name", OPERATIONS)
def test_an_operation_is_complete(name: str) -> None:
    method, path, operation = OPERATIONS[name]
    in_path = {given["name"] for given in parameters(name).values() if given["in"] == "path"}
    assert method in METHODS
    assert operation["summary"]
    assert in_path == set(re.findall(r"{(\w+)}", path))
    # 303 is a success that leads somewhere else.
    assert len([status for status in operation["responses"] if status[0] == "2" or status == "303"]) == 1


@each("name", OPERATIONS)
def test_every_answer_has_a_shape(name: str) -> None:
    answers = [resolved(a["$ref"]) if "$ref" in a else a for a in OPERATIONS[name][2]["responses"].values()]
    assert all(
        answer["description"] and content["schema"]
        for answer in answers
        for content in answer["content"].values()
    )


@each("name", OPERATIONS)
def test_its_scope_is_named(shop: World, name: str) -> None:
    (handler,) = [r.handler for r in routes_of(shop.app) if r.handler.operation_id == name]
    scope = handler.opt.get("scope")
    needed = [{"apiKey": [scope]}] if scope and name not in OPEN else []
    assert OPERATIONS[name][2]["security"] == needed


@pytest.mark.parametrize("name", OPERATIONS)
def test_its_headers_are_those_that_it_honours(shop: World, name: str) -> None:
    """Each header is sent wrongly, or not at all: who honours it refuses."""
    caller, call = sender(shop, name), filled(CALLS[name], ids_for(shop, name))
    told = {
        "X-Request-Id": send(caller, call, X_Request_Id="not plain"),
        "Idempotency-Key": send(caller, call, Idempotency_Key="not plain"),
        "If-Match": send(caller, call, If_Match="x"),
        "Daybook-Purpose": send(caller, filled(CALLS[name], ids_for(shop, name)), Daybook_Purpose="x1"),
    }
    if call.method == "GET" or name in WAITING:
        told["Daybook-Min-Position"] = send(caller, call, Daybook_Min_Position="x")
    if call.method == "POST":
        told["Daybook-Approval"] = send(caller, call, Daybook_Approval="not plain")
    honoured = {header for header, response in told.items() if response.status_code in {400, 412}}
    assert honoured == {header for header, given in parameters(name).items() if given["in"] == "header"}


def test_a_key_is_required_where_money_stock_or_coupons_move() -> None:
    required = {name for name in OPERATIONS if parameters(name).get("Idempotency-Key", {}).get("required")}
    assert required == set(KEY_REQUIRED)


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_success_is_answered_as_described(shop: World, name: str) -> None:
    call = filled(CALLS[name], ids_for(shop, name))
    shop.catch_up()
    response = send(sender(shop, name), call)
    described = OPERATIONS[name][2]["responses"][str(response.status_code)]
    headers = {header for header in described.get("headers", {}) if header != "Idempotent-Replayed"}
    answered = {
        header for header in ("Daybook-Position", "ETag", "X-Request-Id") if header in response.headers
    }
    if "application/json" not in described["content"]:
        assert list(described["content"]) == [response.headers["Content-Type"].partition(";")[0]]
        return
    fields = resolved(described["content"]["application/json"]["schema"]["$ref"])["properties"]
    assert (answered, set(response.json())) == (headers, set(fields))


def test_a_problem_is_answered_as_described(shop: World) -> None:
    problem_schema = resolved("#/components/schemas/ProblemDetails")
    response = shop.get("/v1/stores/ghost")
    assert problem(response) == (404, "not_found")
    assert set(problem_schema["required"]) <= set(response.json()) <= set(problem_schema["properties"])
