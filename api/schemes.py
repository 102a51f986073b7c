"""/v1/schemes: what is paid for sales, statements of a month line by line, and months that are closed."""

from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.params import Parameter
from msgspec import Meta

from api.money import money
from api.reading import MAX_PAGE, caught_up, decode_cursor, encode_cursor, folded, read, written
from api.requests import Body, ShopRequest, command_origin, expected_version
from domain.kernel.ids import CurrencyCode, Id
from domain.kernel.money import MAX_AMOUNT_MINOR, Money
from domain.staff.employee import EMPLOYEE
from domain.staff.scheme import SCHEME, Base, SchemeTerms
from domain.staff.scheme_steps import (
    MAX_RATE_BP,
    MAX_RULES,
    MAX_TIERS,
    PERIOD_PATTERN,
    CloseSchemePeriod,
    SchemeVersionSet,
    SetScheme,
    require_closable,
)
from domain.staff.statement import Kind
from infra.event_store.as_of import position_at
from infra.event_store.clerk import now_utc
from infra.tenancy import Tenant
from projections.incentives.fold import Incentives
from projections.incentives.queries import amounts_of, month_of_all, statement_of

Period = Annotated[str, Parameter(pattern=PERIOD_PATTERN, description="2026-11")]
Month = Annotated[str, Meta(pattern=PERIOD_PATTERN, description="2026-11")]
Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Rate = Annotated[int, Meta(ge=0, le=MAX_RATE_BP, description="basis points")]
Minor = Annotated[int, Meta(ge=0, le=MAX_AMOUNT_MINOR)]
Names = Annotated[tuple[Id, ...], Meta(max_length=1_000)]
Categories = Annotated[tuple[Annotated[str, Meta(max_length=200)], ...], Meta(max_length=1_000)]
Place = Annotated[str, Meta(pattern=r"^[0-9]{1,9}$(?!\n)")]


class AimBody(Body, frozen=True, kw_only=True):
    """Which lines of whose sales a rule is about. What is empty leaves out nothing."""

    stores: Names = ()
    employees: Names = ()
    categories: Categories = ()
    skus: Names = ()


class TierBody(Body, frozen=True, kw_only=True):
    """The rate of what is sold above `from_minor` in a month."""

    from_minor: Minor
    rate_bp: Rate


class CommissionBody(Body, frozen=True, kw_only=True):
    """A share of the net without tax, or of the margin; the first tier begins at 0."""

    base: Base
    tiers: Annotated[tuple[TierBody, ...], Meta(min_length=1, max_length=MAX_TIERS)]
    aim: AimBody = AimBody()


class StepBody(Body, frozen=True, kw_only=True):
    """Who attains `from_minor` gets an amount and a share of all that they attained."""

    from_minor: Minor
    amount_minor: Minor = 0
    rate_bp: Rate = 0


class BonusBody(Body, frozen=True, kw_only=True):
    """A bonus; the highest step that is attained counts alone."""

    base: Base
    steps: Annotated[tuple[StepBody, ...], Meta(min_length=1, max_length=MAX_TIERS)]
    aim: AimBody = AimBody()


class SchemeTermsBody(Body, frozen=True, kw_only=True):
    """A line gives commission by the first rule that fits it, and counts for every bonus that fits."""

    currency: CurrencyCode
    commission: Annotated[tuple[CommissionBody, ...], Meta(max_length=MAX_RULES)] = ()
    bonuses: Annotated[tuple[BonusBody, ...], Meta(max_length=MAX_RULES)] = ()


class SchemeBody(Body, frozen=True, kw_only=True):
    """Terms for sales of `from_period` and later."""

    from_period: Month
    terms: SchemeTermsBody


class VersionView(msgspec.Struct, frozen=True, kw_only=True):
    """A version of the terms."""

    version: int
    from_period: str
    terms: SchemeTerms


class ClosingView(msgspec.Struct, frozen=True, kw_only=True):
    """A closed month, and the position of the journal that it was closed at."""

    period: str
    up_to: int


class SchemeView(msgspec.Struct, frozen=True, kw_only=True):
    """All versions, the oldest first, the closed months, and the month that is closed next."""

    scheme_id: str
    versions: list[VersionView]
    closed: list[ClosingView]
    open_period: str


class AmountView(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody got for a month; below zero where more was taken back. `entries` are lines."""

    employee_id: str
    commission: Money
    bonus: Money
    entries: int


class PeriodView(msgspec.Struct, frozen=True, kw_only=True):
    """A closed month; of one that is open only statements can be read."""

    scheme_id: str
    period: str
    closed: bool
    data: list[AmountView]
    next_cursor: str | None


class PeriodClosedView(msgspec.Struct, frozen=True, kw_only=True):
    """Which month of which scheme was closed."""

    scheme_id: str
    period: str


class EntryView(msgspec.Struct, frozen=True, kw_only=True):
    """What a sale or return gave or took.

    `base` is what a commission is shared in, or what is attained for a bonus. Where `of_period` is another
    month, the document came after that was closed, or takes back what it gave.
    """

    kind: Kind
    document: str
    sale_id: str
    store_id: str
    business_day: date
    of_period: str
    shift: int | None
    version: int
    rule: int
    rate_bp: int
    base: Money
    amount: Money


class StatementView(msgspec.Struct, frozen=True, kw_only=True):
    """An employee's month. While it is not `closed` it follows the terms and the facts as they come.

    `position` is how much of the journal it knows.
    """

    scheme_id: str
    employee_id: str
    period: str
    closed: bool
    position: int
    commission: Money
    bonus: Money
    data: list[EntryView]
    next_cursor: str | None


class SchemesController(Controller):
    """Incentive schemes."""

    path = "/v1/schemes/{scheme_id:str}"
    tags = ("incentives",)

    @get(operation_id="getScheme", opt={"scope": "incentives:read"})
    async def show(self, tenant: Tenant, scheme_id: str) -> Response[SchemeView]:
        """A scheme and, as ETag, the version of its terms."""
        scheme, _ = await tenant.require_state(SCHEME, scheme_id)
        view = SchemeView(
            scheme_id=scheme_id,
            versions=[
                VersionView(version=number, from_period=version.from_period, terms=version.terms)
                for number, version in enumerate(scheme.versions, start=1)
            ],
            closed=[ClosingView(period=one.period, up_to=one.up_to) for one in scheme.closed],
            open_period=scheme.open_period,
        )
        return read(view, len(scheme.versions))

    @put(operation_id="setScheme", opt={"scope": "incentives:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, scheme_id: Id, data: SchemeBody
    ) -> Response[SchemeVersionSet]:
        """Makes a scheme, or the next version of its terms; before the first, If-Match is "0"."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "setScheme", key_required=False)
        command = SetScheme(
            scheme_id=scheme_id,
            from_period=data.from_period,
            terms=msgspec.convert(msgspec.to_builtins(data.terms), SchemeTerms),
            expected=expected_version(request),
        )
        answer = await tenant.submit(command, origin)
        return written(answer.result, answer, version=answer.result.version)

    @get("/periods/{period:str}", operation_id="getSchemePeriod", opt={"scope": "incentives:read"})
    async def period(
        self,
        request: ShopRequest,
        tenant: Tenant,
        scheme_id: str,
        period: Period,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> PeriodView:
        """What a closed month came to, by employee."""
        request.user.require_store(None)
        scheme, _ = await tenant.require_state(SCHEME, scheme_id)
        after = decode_cursor(cursor, tuple[Id])
        await caught_up(request, tenant, Incentives.name)
        async with tenant.readers.connection() as connection:
            found = await amounts_of(
                connection, scheme_id, period, after="" if after is None else after[0], limit=limit + 1
            )
        currency = scheme.versions[0].terms.currency
        return PeriodView(
            scheme_id=scheme_id,
            period=period,
            closed=scheme.closing_of(period) is not None,
            data=[
                AmountView(
                    employee_id=one.employee_id,
                    commission=money(one.commission_minor, currency),
                    bonus=money(one.bonus_minor, currency),
                    entries=one.entries,
                )
                for one in found[:limit]
            ],
            next_cursor=encode_cursor(found[limit - 1].employee_id) if len(found) > limit else None,
        )

    @get(
        "/periods/{period:str}/statements/{employee_id:str}",
        operation_id="getStatement",
        opt={"scope": "incentives:read"},
    )
    async def statement(
        self,
        request: ShopRequest,
        tenant: Tenant,
        scheme_id: str,
        period: Period,
        employee_id: str,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> StatementView:
        """An employee's month: each line names the sale or return that it is for, in the journal's order."""
        employee, _ = await tenant.require_state(EMPLOYEE, employee_id)
        request.user.require_store(employee.store_id)
        scheme, _ = await tenant.require_state(SCHEME, scheme_id)
        after = decode_cursor(cursor, tuple[Place])
        start = 0 if after is None else int(after[0])
        await caught_up(request, tenant, Incentives.name)
        async with tenant.readers.connection() as connection:
            found, position = await statement_of(connection, scheme, period, employee_id)
        currency = scheme.versions[0].terms.currency
        return StatementView(
            scheme_id=scheme_id,
            employee_id=employee_id,
            period=period,
            closed=scheme.closing_of(period) is not None,
            position=position,
            commission=money(found.commission_minor, currency),
            bonus=money(found.bonus_minor, currency),
            data=[
                EntryView(
                    kind=entry.kind,
                    document=entry.document,
                    sale_id=entry.sale_id,
                    store_id=entry.store_id,
                    business_day=entry.day,
                    of_period=entry.of_period,
                    shift=entry.shift or None,
                    version=entry.version,
                    rule=entry.rule,
                    rate_bp=entry.rate_bp,
                    base=money(entry.base_minor, currency),
                    amount=money(entry.amount_minor, currency),
                )
                for entry in found.entries[start : start + limit]
            ],
            next_cursor=encode_cursor(str(start + limit)) if len(found.entries) > start + limit else None,
        )

    @post(
        "/periods/{period:str}/closing", operation_id="closeSchemePeriod", opt={"scope": "incentives:write"}
    )
    async def close(
        self, request: ShopRequest, tenant: Tenant, scheme_id: str, period: Period
    ) -> Response[PeriodClosedView]:
        """Closes a month with what it comes to, for good. What is told later counts in the month after it."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "closeSchemePeriod")
        scheme, version = await tenant.require_state(SCHEME, scheme_id)
        await caught_up(request, tenant, Incentives.name)
        # A retry of what was done is answered by what was kept, and needs no second look at the month.
        amounts, up_to = [], 0
        if scheme.closing_of(period) is None:
            over_at = require_closable(scheme, period, now_utc())
            async with tenant.readers.connection() as connection:
                told_by_then = await position_at(connection, tenant.journal, over_at)
            # However far behind the rows are: what was told while the month went on belongs to it.
            await folded(request, tenant, Incentives.name, told_by_then)
            async with tenant.readers.connection() as connection:
                amounts, up_to = await month_of_all(connection, scheme, period)
        command = CloseSchemePeriod(
            scheme_id=scheme_id, period=period, up_to=up_to, amounts=tuple(amounts), expected=version
        )
        answer = await tenant.submit(command, origin)
        return written(PeriodClosedView(scheme_id=scheme_id, period=period), answer, 201)
