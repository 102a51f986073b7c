"""/v1/follow-up-rules: which tasks come by themselves when a lead gets on, or a task is done."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, put
from msgspec import Meta

from api.reading import read, written
from api.requests import Body, Cause, ShopRequest, command_origin, expected_version
from domain.kernel.errors import NotFound
from domain.kernel.ids import Id
from domain.leads.lead import LeadStage
from domain.leads.rules import (
    BOOK,
    MAX_DAYS,
    MAX_RULES,
    RULES,
    FollowUpRule,
    RulesVersion,
    SetFollowUpRules,
)
from infra.tenancy import Tenant


class FollowUpRuleBody(Body, frozen=True, kw_only=True):
    """What is to be done, so many days after a lead came to a stage (`on`) or the task of a rule was done."""

    rule: Id
    action: Cause
    in_days: Annotated[int, Meta(ge=0, le=MAX_DAYS)]
    on: LeadStage | None = None
    after: Id | None = None


class FollowUpRulesBody(Body, frozen=True, kw_only=True):
    """The rules that count from now on, and no others."""

    rules: Annotated[tuple[FollowUpRuleBody, ...], Meta(max_length=MAX_RULES)]


class FollowUpRulesView(msgspec.Struct, frozen=True, kw_only=True):
    """The rules that count and, counted from 1, their version."""

    rules: tuple[FollowUpRuleBody, ...]
    version: int


class FollowUpRulesController(Controller):
    """Follow-up rules."""

    path = "/v1/follow-up-rules"
    tags = ("leads",)

    @get(operation_id="getFollowUpRules", opt={"scope": "leads:read"})
    async def show(self, tenant: Tenant) -> Response[FollowUpRulesView]:
        """The rules and, as ETag, their version."""
        found = await tenant.state_of(RULES, BOOK)
        if not found.version:
            raise NotFound(
                'There are no follow-up rules yet. PUT some with If-Match: "0".', kind="followups", id=BOOK
            )
        view = msgspec.convert(msgspec.to_builtins(found), FollowUpRulesView)
        return read(view, found.version)

    @put(operation_id="setFollowUpRules", opt={"scope": "leads:rules"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, data: FollowUpRulesBody
    ) -> Response[RulesVersion]:
        """Sets the rules; before the first, If-Match is "0". Tasks that are there stay."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "setFollowUpRules", key_required=False)
        rules = msgspec.convert(msgspec.to_builtins(data.rules), tuple[FollowUpRule, ...])
        command = SetFollowUpRules(rules=rules, expected=expected_version(request))
        answer = await tenant.submit(command, origin)
        return written(answer.result, answer, version=answer.result.version)
