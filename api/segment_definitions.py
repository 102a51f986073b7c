"""/v1/segments: segments whose members are worked out by a rule every day."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, put
from msgspec import Meta

from api.reading import read, written
from api.requests import Body, ShopRequest, Text, command_origin, expected_version
from domain.customers.measures import PERMILLE, Stage
from domain.customers.rfm import MAX_CUTS, MOST, Part
from domain.customers.rules import MAX_CONDITIONS, Definition, Measure
from domain.customers.segment import MAX_DAYS, SEGMENT, DefineSegment, SegmentVersion
from infra.tenancy import Tenant

Bound = Annotated[int, Meta(ge=-MOST, le=MOST)]
Days = Annotated[int, Meta(ge=1, le=MAX_DAYS)]
Thousandths = Annotated[int, Meta(ge=1, le=MAX_DAYS * PERMILLE)]
Cuts = Annotated[tuple[Annotated[int, Meta(ge=0, le=MOST)], ...], Meta(min_length=1, max_length=MAX_CUTS)]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)", description="ISO 4217")]
Tier = Annotated[str, Meta(max_length=60, description="a tier of the programme; '' is the lowest")]
Rules = Annotated[tuple["RuleBody", ...], Meta(min_length=1, max_length=MAX_CONDITIONS)]


class AllBody(Body, frozen=True, kw_only=True, tag="all", tag_field="kind"):
    """Every one of these holds."""

    of: Rules


class AnyBody(Body, frozen=True, kw_only=True, tag="any", tag_field="kind"):
    """At least one of these holds."""

    of: Rules


class NotBody(Body, frozen=True, kw_only=True, tag="not", tag_field="kind"):
    """This does not hold."""

    of: "RuleBody"


class BetweenBody(Body, frozen=True, kw_only=True, tag="measure", tag_field="kind"):
    """A measure is within bounds, both included.

    One that there is none of, as an interval after one purchase, is within no bounds.
    """

    measure: Measure
    at_least: Bound | None = None
    at_most: Bound | None = None


class ScoredBody(Body, frozen=True, kw_only=True, tag="score", tag_field="kind"):
    """An RFM score, by the cut points in `rfm`, is within bounds. Scores begin at 1; 0 has never bought."""

    part: Part
    at_least: Bound | None = None
    at_most: Bound | None = None


class InStageBody(Body, frozen=True, kw_only=True, tag="stage", tag_field="kind"):
    """The customer is in one of these stages."""

    stages: Annotated[tuple[Stage, ...], Meta(min_length=1, max_length=len(Stage))]


class InTierBody(Body, frozen=True, kw_only=True, tag="tier", tag_field="kind"):
    """The customer is in one of these tiers."""

    tiers: Annotated[tuple[Tier, ...], Meta(min_length=1, max_length=20)]


class BirthdayBody(Body, frozen=True, kw_only=True, tag="birthday", tag_field="kind"):
    """The customer's birthday is in the month of the day."""


class TasteBody(Body, frozen=True, kw_only=True, tag="taste", tag_field="kind"):
    """So many thousandths or more of the goods bought were of the category."""

    category: Text
    at_least_permille: Annotated[int, Meta(ge=1, le=PERMILLE)]


RuleBody = (
    AllBody
    | AnyBody
    | NotBody
    | BetweenBody
    | ScoredBody
    | InStageBody
    | InTierBody
    | BirthdayBody
    | TasteBody
)


class CutsBody(Body, frozen=True, kw_only=True):
    """Cut points of the RFM scores in ascending order: four make scores from 1 to 5. Money in minor units."""

    recency_days: Cuts
    frequency: Cuts
    monetary_minor: Cuts


class StagesBody(Body, frozen=True, kw_only=True):
    """When somebody is new, and after how many thousandths of their own interval dormant, or lost.

    Before the second day with a purchase there is no interval and `usual_days` stands for it.
    """

    new_days: Days = 30
    usual_days: Days = 90
    least_days: Days = 7
    dormant_permille: Thousandths = 1_500
    lost_permille: Thousandths = 3_000


class SegmentBody(Body, frozen=True, kw_only=True):
    """Who belongs to a segment. One that is not `active` has no members.

    Purchases, returns, money and taste are those of `window_days` up to the day, or of all time; money is in
    `currency`. Stage, recency and interval go by all purchases ever.
    """

    rule: RuleBody
    currency: Currency | None = None
    window_days: Days | None = None
    rfm: CutsBody | None = None
    stages: StagesBody = StagesBody()
    active: bool = True


class SegmentView(SegmentBody, frozen=True, kw_only=True):
    """A segment as it is defined today, and as of which day it was last worked out."""

    segment_id: str
    version: int
    evaluated_as_of: str | None


class SegmentDefinitionsController(Controller):
    """Segments that are worked out."""

    path = "/v1/segments"
    tags = ("segments",)

    @get("/{segment_id:str}", operation_id="getSegment", opt={"scope": "offers:read"})
    async def show(self, tenant: Tenant, segment_id: str) -> Response[SegmentView]:
        """The segment and, as ETag, its version."""
        segment, _ = await tenant.require_state(SEGMENT, segment_id)
        done = segment.evaluated
        facts = {
            "segment_id": segment_id,
            "version": segment.version,
            "evaluated_as_of": None if done is None else done.as_of.isoformat(),
        }
        view = msgspec.convert({**msgspec.to_builtins(segment.definition), **facts}, SegmentView)
        return read(view, segment.version)

    @put("/{segment_id:str}", operation_id="defineSegment", opt={"scope": "offers:write"})
    async def define(
        self, request: ShopRequest, tenant: Tenant, segment_id: str, data: SegmentBody
    ) -> Response[SegmentVersion]:
        """Makes a segment, or its next version; before the first, If-Match is "0".

        Who belongs to it is worked out within minutes, and then once each business day. Its name is one to
        four lower-case words.
        """
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "defineSegment", key_required=False)
        definition = msgspec.convert(msgspec.to_builtins(data), Definition)
        command = DefineSegment(
            segment_id=segment_id, definition=definition, expected=expected_version(request)
        )
        answer = await tenant.submit(command, origin)
        return written(answer.result, answer, version=answer.result.version)
