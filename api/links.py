"""Signed links, as whoever has one opens them: without a key, and nothing but what they are for."""

from api.errors import Problem
from api.requests import ShopRequest
from infra.crypto.links import LinkKind, is_genuine, read_token
from infra.event_store.clerk import now_utc
from infra.tenancy import Tenant, Tenants, TenantUnknown


async def open_link(request: ShopRequest, token: str, kind: LinkKind) -> tuple[Tenant, str]:
    """Whose and what the token opens. Problem 404 for one that nobody made, 410 for one that is over."""
    link = read_token(token)
    tenants: Tenants = request.app.state.tenants
    tenant: Tenant | None = None
    if link is not None:
        try:
            tenant = await tenants.get(link.tenant)
        except TenantUnknown:
            tenant = None
    if link is None or tenant is None or not is_genuine(tenant.vault, link, kind):
        raise Problem(404, "not_found", "This link opens nothing. Ask the shop for another.")
    if link.expires_at <= now_utc():
        raise link_is_over()
    return tenant, link.id


def link_is_over() -> Problem:
    """What is answered once a link opens nothing any more, for whatever reason."""
    return Problem(410, "link_expired", "This link is over. Ask the shop for another.")
