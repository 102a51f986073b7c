"""/v1/care-rules: to whom something is written by itself, when, by which channel, in which words."""

from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, put
from litestar.params import Parameter
from msgspec import Meta

from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, read, written
from api.requests import NO_NUL, Body, Cause, ShopRequest, Text, command_origin, expected_version
from domain.care.quiet import MINUTES_A_DAY
from domain.care.rule import (
    CARE,
    MAX_CAP,
    MAX_CONVERSION_DAYS,
    MAX_DAYS,
    MAX_LEAD_DAYS,
    MAX_NAMED,
    WHOLE_PERMILLE,
    CareChannel,
    CareRule,
    CareRuleVersion,
    Occasion,
    SetCareRule,
)
from domain.care.texts import MAX_TEXTS
from domain.kernel.ids import Id
from infra.tenancy import Tenant
from projections.care_audience.fold import CareAudience
from projections.care_audience.queries import care_rules

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Days = Annotated[int, Meta(ge=1, le=MAX_DAYS)]
Minute = Annotated[int, Meta(ge=0, lt=MINUTES_A_DAY)]
MessageText = Annotated[str, Meta(min_length=1, max_length=4_000, pattern=NO_NUL)]
Tag = Annotated[str, Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$(?!\n)", description="such as zh-CN")]
Named = Annotated[tuple[Text, ...], Meta(max_length=MAX_NAMED)]


class CareTextBody(Body, frozen=True, kw_only=True):
    """The message in a language. `unnamed` stands in the place of {name} where no name is known."""

    language: Tag
    subject: Text
    text: MessageText
    unnamed: Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)")] = ""


class CareCouponBody(Body, frozen=True, kw_only=True):
    """A personal coupon of this campaign, which ends after so many business days."""

    campaign_id: Id
    valid_days: Days


class QuietBody(Body, frozen=True, kw_only=True):
    """Nobody is written to from a minute of the day up to another; over midnight where that is the lesser.

    The same minute twice: at any time.
    """

    from_min: Minute = 21 * 60
    until_min: Minute = 9 * 60


class CapBody(Body, frozen=True, kw_only=True):
    """At most so many messages, of all rules together, to a customer in so many days."""

    messages: Annotated[int, Meta(ge=1, le=MAX_CAP)]
    days: Days


class CareRuleBody(Body, frozen=True, kw_only=True):
    """A rule. Clock, business day and stock are those of its store; consents name `purpose` and `channel`.

    `lead_days` is before birthdays, `after_days` after the last purchase, `dates` are holidays. Texts name
    {name} and {shop}; with a coupon {coupon} and {coupon_until}; of goods {product} and {price};
    {link} leads to `page`.
    Of all `holdout_permille` get nothing, for comparison; purchases in `conversion_days` count.
    """

    name: Text
    occasion: Occasion
    store_id: Id
    channel: CareChannel
    purpose: Cause = "marketing"
    texts: Annotated[tuple[CareTextBody, ...], Meta(min_length=1, max_length=MAX_TEXTS)]
    active_from: date
    active_until: date | None = None
    lead_days: Annotated[int, Meta(ge=0, le=MAX_LEAD_DAYS)] = 0
    after_days: Days | None = None
    dates: Annotated[tuple[date, ...], Meta(max_length=MAX_NAMED)] = ()
    segments: Named = ()
    skus: Named = ()
    categories: Named = ()
    coupon: CareCouponBody | None = None
    quiet: QuietBody = QuietBody()
    cap: CapBody | None = None
    holdout_permille: Annotated[int, Meta(ge=0, lt=WHOLE_PERMILLE)] = 0
    conversion_days: Annotated[int, Meta(ge=1, le=MAX_CONVERSION_DAYS)] = 14
    page: Annotated[str, Meta(pattern=r"^https?://[!-~]{1,490}$(?!\n)")] | None = None


class CareRuleView(CareRuleBody, frozen=True, kw_only=True):
    """The rule as it is now and, counted from 1, its version."""

    rule_id: str
    version: int


class CareRuleRowView(msgspec.Struct, frozen=True, kw_only=True):
    """A rule in short."""

    rule_id: str
    version: int
    name: str
    occasion: str
    store_id: str
    channel: str
    active_from: date | None
    active_until: date | None


class CareRulesController(Controller):
    """Care rules."""

    path = "/v1/care-rules"
    tags = ("care",)

    @get(operation_id="listCareRules", opt={"scope": "care:read"})
    async def list(
        self, request: ShopRequest, tenant: Tenant, limit: Limit = 100, cursor: str | None = None
    ) -> Page[CareRuleRowView]:
        """All rules, by id, those that have ended too."""
        await caught_up(request, tenant, CareAudience.name)
        (after,) = decode_cursor(cursor, tuple[str]) or ("",)
        async with tenant.readers.connection() as connection:
            rows = await care_rules(connection, after, limit + 1)
        views = [CareRuleRowView(**msgspec.structs.asdict(row)) for row in rows]
        return page_of(views, limit, lambda view: (view.rule_id,))

    @get("/{rule_id:str}", operation_id="getCareRule", opt={"scope": "care:read"})
    async def show(self, tenant: Tenant, rule_id: str) -> Response[CareRuleView]:
        """The rule and, as ETag, its version."""
        versions, _ = await tenant.require_state(CARE, rule_id)
        named = {"rule_id": rule_id, "version": len(versions.all)}
        view = msgspec.convert({**msgspec.to_builtins(versions.all[-1]), **named}, CareRuleView)
        return read(view, view.version)

    @put("/{rule_id:str}", operation_id="setCareRule", opt={"scope": "care:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, rule_id: Id, data: CareRuleBody
    ) -> Response[CareRuleVersion]:
        """Makes the rule, or its next version; before the first, If-Match is "0".

        What was planned before is still sent in the words of the version that planned it. A rule that has
        ended sends nothing any more.
        """
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "setCareRule", key_required=False)
        rule = msgspec.convert(msgspec.to_builtins(data), CareRule)
        command = SetCareRule(rule_id=rule_id, rule=rule, expected=expected_version(request))
        answer = await tenant.submit(command, origin)
        return written(answer.result, answer, version=answer.result.version)
