"""What may stand in an address: ids that can exist, and the parameters that a route knows, each once."""

import re
from functools import lru_cache

from litestar.connection import ASGIConnection
from litestar.constants import RESERVED_KWARGS
from litestar.handlers import BaseRouteHandler
from litestar.types import Scope

from api.errors import Problem, query_name

# The alphabet of every id (domain/kernel/ids.py), and long enough for the name of any stream.
_ID = re.compile(r"[A-Za-z0-9._-]{1,200}")


def check_address(scope: Scope, handler: BaseRouteHandler) -> None:
    """After the door: ids that can't exist are not found, parameters that nobody reads are errors.

    A misspelt parameter would otherwise be without effect, and a report wider than was asked for.
    """
    for name, value in scope["path_params"].items():
        if not _ID.fullmatch(value):
            raise Problem(
                404, "not_found", "There is nothing under such an id. Check the id.", parameter=name
            )
    if scope["query_string"]:
        known = _queries_of(handler) - scope["path_params"].keys()
        for name, values in ASGIConnection(scope).query_params.dict().items():
            if name not in known:
                raise Problem(400, "invalid_request", f"There is no parameter {name!r}.", parameter=name)
            if len(values) > 1:
                raise Problem(400, "invalid_request", f"Give {name!r} once.", parameter=name)
            # No text that we keep has one, and PostgreSQL can't look for it.
            if "\0" in values[0]:
                raise Problem(
                    400, "invalid_request", f"There is a NUL character in {name!r}.", parameter=name
                )


@lru_cache(maxsize=256)
def _queries_of(handler: BaseRouteHandler) -> frozenset[str]:
    """The names that the handler's arguments have in the query, path parameters among them."""
    provided = {*RESERVED_KWARGS, *handler.resolve_dependencies()}
    return frozenset(
        query_name(handler, name) for name in handler.parsed_fn_signature.parameters if name not in provided
    )
