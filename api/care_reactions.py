"""/v1/care-reactions: what customers did with messages, as gateways tell it. Texts are sealed."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from msgspec import Meta

from api.reading import written
from api.requests import Body, LongText, ShopRequest, command_origin
from domain.care.rule import CARE
from domain.care.touch import TOUCH, CareReacted, ReactionKind, message_id
from domain.customers.customer import CUSTOMER
from domain.kernel.errors import NotFound
from domain.outreach.note_reaction import BEST_RATING, LEAST_RATING, NoteReaction
from infra.messages.inbox import message
from infra.tenancy import Tenant

MessageId = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$(?!\n)", description="as the message had it")]


class ReactionBody(Body, frozen=True, kw_only=True):
    """What the customer did: opened, clicked, replied (with a text, perhaps) or rated, from 1 to 5."""

    message_id: MessageId
    kind: ReactionKind
    rating: Annotated[int, Meta(ge=LEAST_RATING, le=BEST_RATING)] | None = None
    text: LongText | None = None


class ReactionView(msgspec.Struct, frozen=True, kw_only=True):
    """The message."""

    message_id: str


class CareReactionsController(Controller):
    """What customers did with messages."""

    path = "/v1/care-reactions"
    tags = ("care",)

    @post(operation_id="noteReaction", opt={"scope": "care:react"})
    async def note(self, request: ShopRequest, tenant: Tenant, data: ReactionBody) -> Response[ReactionView]:
        """Notes a reaction. Told again it changes nothing; a text again is another answer, but by its key."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "noteReaction", key_required=False)
        rule_id, customer_id, occasion = await found_message(tenant, data.message_id)
        text = None
        if data.text is not None:
            subject, place = CUSTOMER.stream(customer_id), f"{CareReacted.TYPE}/text"
            text = await tenant.vault.seal(subject, place, data.text)
        command = NoteReaction(
            rule_id=rule_id,
            customer_id=customer_id,
            occasion=occasion,
            kind=data.kind,
            rating=data.rating,
            text=text,
        )
        answer = await tenant.submit(command, origin)
        return written(ReactionView(message_id=data.message_id), answer, 201)


async def found_message(tenant: Tenant, wanted: str) -> tuple[str, str, str]:
    """The rule, customer and occasion of a message, or NotFound: who asks knows the id alone."""
    async with tenant.readers.connection() as connection:
        found = await message(connection, wanted)
    if found is not None and found.customer_id is not None and found.about.startswith(CARE.stream("")):
        rule_id = found.about.removeprefix(CARE.stream(""))
        for key in (await tenant.state_of(TOUCH, found.customer_id)).told:
            of_rule, _, occasion = key.partition("/")
            if of_rule == rule_id and message_id(rule_id, found.customer_id, occasion) == wanted:
                return rule_id, found.customer_id, occasion
    raise NotFound(f"There is no care message {wanted!r}. Check the id.", kind="message", id=wanted)
