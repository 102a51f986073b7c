"""/v1/service-terms: when service is open and how much of that time a complaint has."""

from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, put
from msgspec import Meta

from api.orders import Skill
from api.reading import read, written
from api.requests import Body, Cause, ShopRequest, Text, command_origin, expected_version
from domain.kernel.errors import NotFound
from domain.kernel.ids import Id
from domain.service.calendar import MINUTES_A_DAY
from domain.service.desk import MAX_LEVELS, MAX_PERCENT, MAX_SKILLS_NEEDED, Desk
from domain.service.kinds import CaseKind, Channel
from domain.service.terms import (
    EVERY_STORE,
    MAX_GOAL_MIN,
    SERVICE_TERMS,
    Priority,
    ServiceTerms,
    SetServiceTerms,
    TermsVersion,
)
from infra.tenancy import Tenant

MinuteOfDay = Annotated[int, Meta(ge=0, le=MINUTES_A_DAY)]
GoalMinutes = Annotated[int, Meta(ge=1, le=MAX_GOAL_MIN)]


class HoursBody(Body, frozen=True, kw_only=True):
    """Open from a minute of the day up to another; midnight at its end is 1440."""

    from_min: MinuteOfDay
    until_min: MinuteOfDay


DayHours = Annotated[tuple[HoursBody, ...], Meta(max_length=10)]


class SpecialDayBody(Body, frozen=True, kw_only=True):
    """A day with hours of its own; a holiday has none."""

    day: date
    hours: DayHours = ()


class CalendarBody(Body, frozen=True, kw_only=True):
    """Hours of the week, Monday first, by the wall clock of a time zone, and the days that differ."""

    time_zone: Text
    weekly: Annotated[tuple[DayHours, ...], Meta(min_length=7, max_length=7)]
    special: Annotated[tuple[SpecialDayBody, ...], Meta(max_length=1_000)] = ()


class GoalsBody(Body, frozen=True, kw_only=True):
    """Minutes of open time to the first response, between updates and to the solution; null: no limit."""

    first_response_min: GoalMinutes | None = None
    update_min: GoalMinutes | None = None
    solution_min: GoalMinutes | None = None


class PriorityGoalsBody(Body, frozen=True, kw_only=True):
    """The goals of complaints of a priority. One that is not named has no limits."""

    priority: Priority
    goals: GoalsBody


class EscalationLevelBody(Body, frozen=True, kw_only=True):
    """When a clock has used so many percent of its time, the employee is told; null: the store's staff.

    `reassigns`: the employee also takes the complaint over.
    """

    percent: Annotated[int, Meta(ge=1, le=MAX_PERCENT)]
    employee_id: Id | None = None
    reassigns: bool = False


class SkillNeededBody(Body, frozen=True, kw_only=True):
    """Complaints of this kind, channel and category need the skill; null: of any."""

    skill: Skill
    kind: CaseKind | None = None
    channel: Channel | None = None
    category: Cause | None = None


class TermsBody(Body, frozen=True, kw_only=True):
    """What is promised to whoever complains from now on, and who hears of it where it is not kept.

    `assigns`: complaints of a store are given to its crew, by the skills that they need.
    """

    calendar: CalendarBody
    goals: Annotated[tuple[PriorityGoalsBody, ...], Meta(max_length=len(Priority))] = ()
    escalations: Annotated[tuple[EscalationLevelBody, ...], Meta(max_length=MAX_LEVELS)] = ()
    assigns: bool = False
    skills: Annotated[tuple[SkillNeededBody, ...], Meta(max_length=MAX_SKILLS_NEEDED)] = ()


class TermsView(TermsBody, frozen=True, kw_only=True):
    """The terms of today and, counted from 1, their version."""

    version: int


async def _show(tenant: Tenant, whose: str) -> Response[TermsView]:
    known = await tenant.state_of(SERVICE_TERMS, whose)
    versions = known.all
    if not versions:
        raise NotFound(
            'There are no such service terms yet. PUT some with If-Match: "0".', kind="serviceterms", id=whose
        )
    said = msgspec.to_builtins(versions[-1]) | msgspec.to_builtins(known.desks[-1])
    view = msgspec.convert({**said, "version": len(versions)}, TermsView)
    return read(view, view.version)


async def _set(
    request: ShopRequest, tenant: Tenant, operation: str, whose: str, data: TermsBody
) -> Response[TermsVersion]:
    origin = await command_origin(request, tenant, operation, key_required=False)
    said = msgspec.to_builtins(data)
    command = SetServiceTerms(
        store_id=whose,
        terms=msgspec.convert(said, ServiceTerms),
        desk=msgspec.convert(said, Desk),
        expected=expected_version(request),
    )
    answer = await tenant.submit(command, origin)
    return written(answer.result, answer, version=answer.result.version)


class ServiceTermsController(Controller):
    """What service promises in all stores that have no terms of their own."""

    path = "/v1/service-terms"
    tags = ("service",)

    @get(operation_id="getServiceTerms", opt={"scope": "complaints:read"})
    async def show(self, tenant: Tenant) -> Response[TermsView]:
        """The terms and, as ETag, their version."""
        return await _show(tenant, EVERY_STORE)

    @put(operation_id="setServiceTerms", opt={"scope": "service_terms:write"})
    async def set(self, request: ShopRequest, tenant: Tenant, data: TermsBody) -> Response[TermsVersion]:
        """Makes the terms, or their next version; before the first, If-Match is "0".

        Complaints opened from now on run under them; those that are open keep theirs.
        """
        request.user.require_store(None)
        return await _set(request, tenant, "setServiceTerms", EVERY_STORE, data)


class StoreServiceTermsController(Controller):
    """What service promises in a store that differs."""

    path = "/v1/stores/{store_id:str}/service-terms"
    tags = ("service",)

    @get(operation_id="getStoreServiceTerms", opt={"scope": "complaints:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, store_id: str) -> Response[TermsView]:
        """The store's own terms and, as ETag, their version."""
        request.user.require_store(store_id)
        return await _show(tenant, store_id)

    @put(operation_id="setStoreServiceTerms", opt={"scope": "service_terms:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, store_id: str, data: TermsBody
    ) -> Response[TermsVersion]:
        """Makes the store's own terms, or their next version; before the first, If-Match is "0"."""
        request.user.require_store(store_id)
        return await _set(request, tenant, "setStoreServiceTerms", store_id, data)
