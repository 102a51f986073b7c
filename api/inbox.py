"""/v1/inbox: what was told to customers and staff, and what became of it."""

from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.params import Parameter

from api.reading import MAX_PAGE, Page, decode_cursor, page_of
from api.requests import Instant, ShopRequest
from infra.messages.inbox import messages
from infra.tenancy import Tenant

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """A message. Without a customer it is for the staff; `failure` says why it did not leave."""

    message_id: str
    kind: str
    about: str
    store_id: str
    customer_id: str | None
    created_at: Instant
    sent_at: Instant | None
    failure: str | None


class InboxController(Controller):
    """Messages."""

    path = "/v1/inbox"
    tags = ("messages",)

    @get(operation_id="listInbox", opt={"scope": "inbox:read"})
    async def list(
        self, request: ShopRequest, tenant: Tenant, limit: Limit = 100, cursor: str | None = None
    ) -> Page[MessageView]:
        """The inbox, newest first; of the key's stores where it doesn't open all."""
        after = decode_cursor(cursor, tuple[Instant, str])
        stores = request.user.stores
        async with tenant.readers.connection() as connection:
            rows = await messages(
                connection,
                stores=None if stores is None else sorted(stores),
                after=after,
                limit=limit + 1,
            )
        views = [MessageView(**row._asdict()) for row in rows]
        return page_of(views, limit, lambda view: (view.created_at, view.message_id))
