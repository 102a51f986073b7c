"""/v1/care/{token}: a link of a care message. It notes the click, once, and leads on to the rule's page."""

from litestar import Controller, Response, get

from api.auth import ANYBODY
from api.care_reactions import found_message
from api.links import link_is_over, open_link
from api.request_ids import request_id_of
from api.requests import ShopRequest
from domain.care.rule import CARE, version_of
from domain.care.touch import TOUCH, ReactionKind, told_key
from domain.kernel.errors import Erased
from domain.outreach.note_reaction import NoteReaction
from infra.crypto.links import LinkKind
from infra.event_store.submission import Origin
from infra.ids import uuid7

TO_THE_PAGE = 303


class CareLinksController(Controller):
    """Links of care messages, as customers follow them."""

    path = "/v1/care"
    tags = ("care",)

    @get(
        "/{token:str}",
        operation_id="followCareLink",
        opt={"scope": ANYBODY},
        status_code=TO_THE_PAGE,
        media_type="text/plain",
    )
    async def follow(self, request: ShopRequest, token: str) -> Response[str]:
        """Notes that the customer followed the link, once, and leads to the page that the rule names."""
        tenant, message_id = await open_link(request, token, LinkKind.CARE)
        rule_id, customer_id, occasion = await found_message(tenant, message_id)
        told = (await tenant.state_of(TOUCH, customer_id)).told[told_key(rule_id, occasion)]
        page = version_of(await tenant.state_of(CARE, rule_id), rule_id, told.rule_version).page
        if page is None:
            raise link_is_over()
        if ReactionKind.CLICKED not in told.reactions:
            command = NoteReaction(
                rule_id=rule_id, customer_id=customer_id, occasion=occasion, kind=ReactionKind.CLICKED
            )
            origin = Origin(
                command_id=uuid7(),
                actor="care",
                channel="link",
                correlation_id=request_id_of(request.scope),
            )
            try:
                await tenant.submit(command, origin)
            except Erased:
                raise link_is_over() from None
        # The page has no business with the token.
        headers = {"Location": page, "Referrer-Policy": "no-referrer"}
        return Response(page, status_code=TO_THE_PAGE, media_type="text/plain", headers=headers)
