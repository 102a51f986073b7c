"""Reading personal data, each time on record; and /v1/audit/accesses, the record itself.

No handler opens sealed texts in another way: a test holds the others to it.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.params import Parameter

from api.errors import Problem
from api.reading import MAX_PAGE, Page
from api.request_ids import request_id_of
from api.requests import Instant, ShopRequest, purpose
from domain.kernel.ids import Id
from domain.kernel.sealed import Sealed
from infra.people.accesses import NEWEST, Access, note_access, read_accesses
from infra.tenancy import Tenant

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Subject = Annotated[
    str | None,
    Parameter(pattern=r"^[a-z]+-[A-Za-z0-9][A-Za-z0-9._-]{0,63}$(?!\n)", description="customer-c1"),
]


class AccessView(msgspec.Struct, frozen=True, kw_only=True):
    """One request that read personal data: who asked, by which operation, why, of whom, how many texts."""

    access_id: int
    read_at: Instant
    actor: str
    operation: str
    purpose: str
    subjects: list[str]
    texts: int
    request_id: str | None


def access_view(access: Access) -> AccessView:
    """An access as the API tells it."""
    return AccessView(**access._asdict())


async def opened(
    request: ShopRequest,
    tenant: Tenant,
    boxes: Sequence[Sealed],
    *,
    about: Sequence[str] = (),
    because: str | None = None,
) -> list[str | None]:
    """The texts in their order, after who reads them, why and of whom is on record.

    `about` names people besides those of the boxes: who has no details was looked at all the same.
    """
    subjects = {*about, *(box.subject for box in boxes)}
    await noted(request, tenant, subjects, len(boxes), because=because)
    return await tenant.vault.open_all(boxes)


async def noted(
    request: ShopRequest,
    tenant: Tenant,
    subjects: Iterable[str],
    texts: int,
    *,
    because: str | None = None,
) -> None:
    """Puts on record who reads so many texts, why and of whom; durable when this returns."""
    async with tenant.readers.connection() as connection:
        await note_access(
            connection,
            actor=request.user.name,
            operation=str(request.route_handler.operation_id),
            purpose=purpose(request) if because is None else because,
            subjects=sorted(subjects),
            texts=texts,
            request_id=request_id_of(request.scope),
        )


class AccessesController(Controller):
    """Who read what of whom."""

    path = "/v1/audit/accesses"
    tags = ("audit",)

    @get(operation_id="listAccesses", opt={"scope": "audit:read"})
    async def list(
        self,
        request: ShopRequest,
        tenant: Tenant,
        subject: Subject = None,
        limit: Limit = 100,
        cursor: Id | None = None,
    ) -> Page[AccessView]:
        """Every read of personal data in clear, the newest first; of one person or of all."""
        request.user.require_store(None)
        if cursor is not None and not cursor.isdecimal():
            raise Problem(400, "invalid_request", "cursor must be the next_cursor of an earlier answer.")
        before = NEWEST if cursor is None else min(int(cursor), NEWEST)
        async with tenant.readers.connection() as connection:
            found = await read_accesses(connection, before=before, limit=limit + 1, subject=subject)
        more = str(found[limit - 1].access_id) if len(found) > limit else None
        return Page(data=[access_view(access) for access in found[:limit]], next_cursor=more)
