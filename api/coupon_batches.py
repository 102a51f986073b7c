"""/v1/coupon-batches: up to a million codes at once, told as CSV to who has the scope for it."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import Parameter
from litestar.response import Stream
from msgspec import Meta

from api.accesses import on_record
from api.reading import caught_up, read, written
from api.requests import Body, Cause, Instant, ShopRequest, command_origin
from domain.promotions.batch import (
    BATCH,
    MAX_CODES,
    BatchIssued,
    IssueBatch,
    RevokeBatch,
    batch_coupon_id,
)
from domain.promotions.campaign import CAMPAIGN
from infra.crypto.codes import draw_batch_id
from infra.event_store.clerk import now_utc
from infra.tenancy import Tenant
from projections.coupon_usage.fold import CouponUsages
from projections.coupon_usage.queries import standing_of

CSV = "text/csv"
CODES_A_PIECE = 1_000
"""Written in some 15 ms beside the event loop."""

First = Annotated[int, Parameter(ge=0, lt=MAX_CODES, description="the number of the first code wanted")]


class BatchToIssue(Body, frozen=True, kw_only=True):
    """How many codes; `valid_until` where they end before their campaign."""

    count: Annotated[int, Meta(ge=1, le=MAX_CODES)]
    valid_until: Instant | None = None


class BatchIssuedView(msgspec.Struct, frozen=True, kw_only=True):
    """The batch. Its codes are read from /v1/coupon-batches/{batch_id}/codes."""

    batch_id: str
    campaign_id: str
    count: int
    position: int


class BatchView(msgspec.Struct, frozen=True, kw_only=True):
    """A batch and what became of its coupons. `expired` are those that ended unused."""

    batch_id: str
    campaign_id: str
    count: int
    valid_until: Instant | None
    revoked: bool
    reserved: int
    redeemed: int
    returned: int
    codes_revoked: int
    expired: int


class Reason(Body, frozen=True, kw_only=True):
    """Why something is revoked: it is on record, in the clear."""

    reason: Cause


class CampaignBatchesController(Controller):
    """Issuing batches."""

    path = "/v1/coupon-campaigns/{campaign_id:str}/batches"
    tags = ("coupons",)

    @post(operation_id="issueBatch", opt={"scope": "coupons:write"})
    async def issue(
        self, request: ShopRequest, tenant: Tenant, campaign_id: str, data: BatchToIssue
    ) -> Response[BatchIssuedView]:
        """Issues up to a million codes, all or none; a repeat of the same request answers the same batch."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "issueBatch")
        command = IssueBatch(
            batch_id=draw_batch_id(),
            campaign_id=campaign_id,
            count=data.count,
            valid_until=data.valid_until,
        )
        answer = await tenant.submit(command, origin)
        issued: BatchIssued = answer.result
        view = BatchIssuedView(**msgspec.structs.asdict(issued), position=answer.position)
        return written(view, answer, 201)


class BatchesController(Controller):
    """Batches of codes."""

    path = "/v1/coupon-batches"
    tags = ("coupons",)

    @get("/{batch_id:str}", operation_id="getBatch", opt={"scope": "coupons:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, batch_id: str) -> Response[BatchView]:
        """A batch, and how many of its coupons were used."""
        batch, version = await tenant.require_state(BATCH, batch_id)
        await caught_up(request, tenant, CouponUsages.name)
        rule = (await tenant.state_of(CAMPAIGN, batch.campaign_id)).rule
        assert rule is not None
        async with tenant.readers.connection() as connection:
            usage = await standing_of(connection, batch.campaign_id, rule.valid_until, now_utc(), batch_id)
        view = BatchView(
            batch_id=batch_id,
            campaign_id=batch.campaign_id,
            count=batch.count,
            valid_until=batch.valid_until,
            revoked=batch.revoked,
            reserved=usage.reserved,
            redeemed=usage.redeemed,
            returned=usage.returned,
            codes_revoked=usage.revoked,
            expired=usage.expired,
        )
        return read(view, version)

    @get(
        "/{batch_id:str}/codes",
        operation_id="exportBatchCodes",
        opt={"scope": "coupons:codes"},
        media_type=CSV,
    )
    async def codes(self, request: ShopRequest, tenant: Tenant, batch_id: str, first: First = 0) -> Stream:
        """The codes as CSV with a header: number, code, coupon_id. Who reads them is on record.

        A download that was cut off goes on with `first`, the number after the last whole line.
        """
        request.user.require_store(None)
        batch, _ = await tenant.require_state(BATCH, batch_id)
        numbers = range(first, batch.count)
        await on_record(request, tenant, [CAMPAIGN.stream(batch.campaign_id)], len(numbers))
        return Stream(_csv(tenant, batch_id, numbers), media_type=CSV)

    @post(
        "/{batch_id:str}/revocation",
        operation_id="revokeBatch",
        opt={"scope": "coupons:write"},
        status_code=200,
    )
    async def revoke(
        self, request: ShopRequest, tenant: Tenant, batch_id: str, data: Reason
    ) -> Response[BatchIssuedView]:
        """Revokes every code of the batch. What was redeemed stays redeemed."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "revokeBatch")
        answer = await tenant.submit(RevokeBatch(batch_id=batch_id, reason=data.reason), origin)
        view = BatchIssuedView(**msgspec.structs.asdict(answer.result), position=answer.position)
        return written(view, answer, 200)


async def _csv(tenant: Tenant, batch_id: str, numbers: range) -> AsyncGenerator[bytes]:
    yield b"number,code,coupon_id\r\n"
    for start in range(0, len(numbers), CODES_A_PIECE):
        some = numbers[start : start + CODES_A_PIECE]
        codes = await asyncio.to_thread(tenant.vault.codes.write, batch_id, some)
        lines = [
            f"{number},{code},{batch_coupon_id(batch_id, number)}\r\n"
            for number, code in zip(some, codes, strict=True)
        ]
        yield "".join(lines).encode()
