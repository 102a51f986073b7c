"""/v1/customers/duplicates: which records may be one person, for somebody to look at."""

from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.params import Parameter

from api.accesses import opened
from api.indexing import index_caught_up
from api.reading import Page, decode_cursor, encode_cursor
from api.requests import ShopRequest
from domain.customers.customer import CUSTOMER, Customer
from infra.people.duplicates import Pair, pairs_alike
from infra.people.normal_forms import normal_name
from infra.tenancy import Tenant

MAX_PAIRS = 100
WHOLE = 1_000

_Place = tuple[str, str]


class DuplicateView(msgspec.Struct, frozen=True, kw_only=True):
    """Two records that speak for themselves; what is the same in them, and how alike their names are.

    `name_similarity` is 0 to 1000, the same name; null where one has no name. A record that was merged is
    told by the one that speaks for it.
    """

    customer_id: str
    other_id: str
    same: list[str]
    name_similarity: int | None


class CustomerDuplicatesController(Controller):
    """Records that may be one person."""

    path = "/v1/customers/duplicates"
    tags = ("customers",)

    @get(operation_id="listDuplicates", opt={"scope": "customers:merge"})
    async def list(
        self,
        request: ShopRequest,
        tenant: Tenant,
        limit: Annotated[int, Parameter(ge=1, le=MAX_PAIRS)] = 50,
        cursor: str | None = None,
    ) -> Page[DuplicateView]:
        """Pairs that share a telephone number or a mail address; in each page the most alike names first.

        Pairs that are merged or were told apart are left out, so a page may be shorter than `limit`. Details
        that more than twenty share say nothing. Names are compared when this is asked, and nowhere kept.
        """
        request.user.require_store(None)
        after = decode_cursor(cursor, _Place) or ("", "")
        await index_caught_up(request, tenant)
        async with tenant.readers.connection() as connection:
            found = await pairs_alike(connection, after, limit + 1)
        known = await _read(tenant, sorted({id_ for pair in found[:limit] for id_ in pair[:2]}))
        pairs = _open_pairs(found[:limit], known)
        names = await _names(request, tenant, {id_ for pair in pairs for id_ in pair}, known)
        views = [
            DuplicateView(
                customer_id=one,
                other_id=other,
                same=same,
                name_similarity=_similarity(names.get(one), names.get(other)),
            )
            for (one, other), same in pairs.items()
        ]
        views.sort(key=lambda view: (-(view.name_similarity or 0), view.customer_id, view.other_id))
        last = found[limit - 1] if len(found) > limit else None
        return Page(data=views, next_cursor=None if last is None else encode_cursor(last.one, last.other))


async def _read(tenant: Tenant, ids: list[str]) -> dict[str, Customer]:
    """The records, and those that speak for them."""
    known: dict[str, Customer] = {}
    wanted = ids
    while wanted:
        streams = [CUSTOMER.stream(id_) for id_ in wanted]
        async with tenant.readers.connection() as connection:
            states = await tenant.journal.read_states(connection, streams)
        known |= {id_: states[CUSTOMER.stream(id_)][0].state for id_ in wanted}
        survivors = {customer.merged_into for customer in known.values()} - {None}
        wanted = sorted(id_ for id_ in survivors if id_ is not None and id_ not in known)
    return known


def _open_pairs(found: list[Pair], known: Mapping[str, Customer]) -> dict[tuple[str, str], list[str]]:
    """The pairs of people that nobody has decided about, by the records that speak for them."""
    pairs: dict[tuple[str, str], list[str]] = {}
    for one, other, same in found:
        survivors = sorted({known[id_].merged_into or id_ for id_ in (one, other)})
        apart = other in known[one].told_apart or survivors[-1] in known[survivors[0]].told_apart
        if len(survivors) > 1 and not apart and not any(known[id_].erased for id_ in (one, other)):
            told = pairs.setdefault((survivors[0], survivors[1]), [])
            told.extend(each for each in same if each not in told)
    return pairs


async def _names(
    request: ShopRequest, tenant: Tenant, ids: set[str], known: Mapping[str, Customer]
) -> dict[str, str]:
    """The names as they are compared; who read them is on record."""
    boxes = {id_: box for id_ in sorted(ids) if (box := known[id_].name) is not None}
    about = [CUSTOMER.stream(id_) for id_ in sorted(ids)]
    texts = await opened(request, tenant, list(boxes.values()), about=about)
    return {id_: normal_name(text) for id_, text in zip(boxes, texts, strict=True) if text is not None}


def _similarity(one: str | None, other: str | None) -> int | None:
    """How much of two names is the same, whatever the order of their words."""
    if one is None or other is None:
        return None
    straight = SequenceMatcher(None, one, other, autojunk=False).ratio()
    sorted_ = [" ".join(sorted(name.split())) for name in (one, other)]
    return round(WHOLE * max(straight, SequenceMatcher(None, *sorted_, autojunk=False).ratio()))
