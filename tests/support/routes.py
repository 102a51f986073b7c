"""The routes of the application, and how the requests to them are filled with ids and sent."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from api.auth import ANYBODY
from domain.catalog.barcode import check_digit
from tests.support.api import Caller, World, fresh
from tests.support.calls import PEOPLES, Call
from tests.support.people import signed_in


class Route(NamedTuple):
    """One method of one address, and the handler that answers it."""

    method: str
    path: str
    handler: HTTPRouteHandler

    @property
    def public(self) -> bool:
        return bool(self.handler.opt.get("public"))

    @property
    def open(self) -> bool:
        """Whether it needs no key."""
        return self.public or self.handler.opt.get("scope") == ANYBODY


def fresh_barcode() -> str:
    """A code of the trade that no other call of this process got."""
    digits = f"40{int(fresh('')):010}"
    return f"{digits}{check_digit(digits)}"


def routes_of(app: Litestar) -> list[Route]:
    """Every method of every address, but for OPTIONS, which Litestar adds to each."""
    return [
        Route(method, route.path_format, handler)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method, (handler, _) in route.route_handler_map.items()
        if method != "OPTIONS"
    ]


IN_BODIES = (
    *("code", "sale_id", "reserved_code", "card_code", "sign_in_name", "supplier_id", "accepted_sku"),
    *("mergeable_id", "merged_other_id", "message_id"),
)
"""Ids that stand in bodies."""


def filled(call: Call, ids: dict[str, str]) -> Call:
    """The request with its ids in place; no other is asked for."""
    new = fresh("new")

    def placed(value: Any) -> Any:
        match value:
            case dict():
                return {name: placed(each) for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType]
            case list():
                return [placed(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
            case "{new}":
                return new
            case "{codes}":
                return [{"code": ids["code"]}]
            case "{soon}":
                return soon()
            case "{new_barcode}":
                return fresh_barcode()
            case str() if value[1:-1] in IN_BODIES:
                return ids[value[1:-1]]
            case _:
                return value

    assert not isinstance(call.body, bytes)
    return Call(call.method, call.path.format_map(ids), placed(call.body))


def soon() -> str:
    """An hour from now."""
    return (datetime.now(UTC) + timedelta(hours=1)).isoformat()


def sender(shop: World, operation: str) -> Caller:
    """The owner: the one with a key, or for what only people do one who signed in just now."""
    return signed_in(shop, "owner") if operation in PEOPLES else shop


def send(caller: Caller, call: Call, **headers: str) -> Any:
    """Sends it: writes with a key of their own, changes with If-Match for the first version."""
    given = dict(headers)
    if call.method != "GET":
        given.setdefault("Idempotency_Key", fresh())
    given.setdefault("Daybook_Purpose", "test")
    if call.method in {"PATCH", "PUT", "DELETE"}:
        given.setdefault("If_Match", '"1"')
    return caller.call(call.method, call.path, call.body, **{k: v for k, v in given.items() if v})
