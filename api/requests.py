"""What every handler needs of a request: a strictly read body, who asks, and where a command comes from."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, TypeVar

import msgspec
from litestar import Request
from litestar.datastructures import State
from msgspec import UNSET, Meta, UnsetType

from api.auth import Doorkeeper
from api.errors import Problem
from api.principal import Principal
from api.request_ids import request_id_of
from domain.access.approval import Authority
from domain.access.record import RecordAccess
from domain.kernel.ids import ID_PATTERN
from infra.access.changes import Changes
from infra.event_store.clerk import now_utc
from infra.event_store.submission import Answer, Origin
from infra.ids import uuid7
from infra.postgres.pools import Pool
from infra.tenancy import Tenant

T = TypeVar("T")

ShopRequest = Request[Principal, Any, State]

Instant = Annotated[datetime, Meta(tz=True, description="RFC 3339 with offset")]
# PostgreSQL's text and jsonb can't hold NUL, and a name with a line break would forge lines of a list.
Text = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)")]
NO_NUL = r"^[^\x00]*$"
LongText = Annotated[str, Meta(min_length=1, max_length=10_000, pattern=NO_NUL)]
Cause = Annotated[
    str,
    # It is stored in the clear and never erased, so it has no room for a name, a number or a sentence.
    Meta(
        max_length=60,
        pattern=r"^[a-z]+([ _-][a-z]+){0,3}$(?!\n)",
        description="a cause of one to four lower-case words ('count correction'), never about a person",
    ),
]
Reference = Annotated[
    str,
    # In the clear for ever, too: what a machine draws, without room for a name or an address.
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/+-]{0,99}$(?!\n)",
        description="what another system calls it, never about a person",
    ),
]
Positive = Annotated[int, Meta(gt=0, le=10**12)]

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
MAX_AHEAD = timedelta(days=1)
"""How far a till's clock may be ahead of ours. Offline, a till may be behind as long as it likes."""

_APPROVAL_ID = re.compile(ID_PATTERN)
MAX_APPROVALS = 4
"""An exchange has two operations that may need one; more are a slip."""
_CAUSE = re.compile(r"[a-z]+([ _-][a-z]+){0,3}")
_CAUSE_LETTERS = 60
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_ETAG = re.compile(r'"(\d{1,18})"')


def given(value: T | UnsetType) -> T | None:
    """What a change says of a field, None where it says nothing. Null itself is refused when read."""
    return None if value is UNSET else value


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request body: unknown fields are errors, not surprises."""


@lru_cache(maxsize=256)
def _decoder(type_: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(type_, strict=True)


class StrictRequest(Request[Principal, Any, State]):
    """Reads a JSON body as exactly the type that the handler declares.

    Litestar itself would take "5" and 5.0 for 5, and JSON under any content type.
    """

    async def json(self) -> Any:
        """The body, decoded into the handler's data type. Problem 400 or 415 if it isn't that."""
        content_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type != "application/json":
            raise Problem(415, "unsupported_media_type", "Send the body as application/json.")
        data = self.route_handler.parsed_data_field
        assert data is not None
        try:
            return _decoder(data.annotation).decode(await self.body())
        except msgspec.ValidationError as error:
            # The pattern's last part is for Python's regular expressions, not for people.
            detail = str(error).replace(r"(?!\\n)", "")
            raise Problem(400, "invalid_request", f"{detail}.") from None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Problem(400, "invalid_json", f"The body is not JSON: {error}.") from None


def require_plausible(occurred_at: datetime) -> None:
    """Problem 422 where the till's clock can't be right."""
    if not EARLIEST <= occurred_at <= now_utc() + MAX_AHEAD:
        raise Problem(
            422, "occurred_at_implausible", "occurred_at is from 1970 to tomorrow. Check the till's clock."
        )


async def command_origin(
    request: ShopRequest,
    tenant: Tenant,
    operation: str,
    *,
    occurred_at: datetime | None = None,
    terminal: str | None = None,
    key_required: bool = True,
) -> Origin:
    """Where the command comes from. With an Idempotency-Key it is named by key, caller and operation.

    Problem 400 where the operation moves money, stock or coupons and the key is missing, 422 where the till's
    clock can't be right: such a sale would stand in a report that nobody opens.
    """
    if occurred_at is not None:
        require_plausible(occurred_at)
    key = request.headers.get("idempotency-key")
    fingerprint = None
    if key is not None:
        if not _IDEMPOTENCY_KEY.fullmatch(key):
            raise Problem(400, "invalid_request", "Idempotency-Key has 1 to 255 printable ASCII characters.")
        name = f"{request.user.name}\0{operation}\0{key}".encode()
        command_id = hashlib.sha256(name).hexdigest()[:32]
        fingerprint = tenant.vault.fingerprint(request.scope["path"].encode(), await request.body())
    elif key_required:
        raise Problem(
            400,
            "idempotency_key_missing",
            "Send an Idempotency-Key: this moves money, stock or coupons, and a repeat must be recognised.",
        )
    else:
        command_id = uuid7()
    return Origin(
        command_id=command_id,
        actor=request.user.name,
        channel="api",
        terminal=terminal,
        correlation_id=request_id_of(request.scope),
        occurred_at=occurred_at,
        fingerprint=fingerprint,
    )


def unkeyed_origin(request: ShopRequest) -> Origin:
    """Where a command comes from whose answer holds a secret: it is not kept, and a repeat is a new one."""
    return Origin(
        command_id=uuid7(),
        actor=request.user.name,
        channel="api",
        correlation_id=request_id_of(request.scope),
    )


def changes_of(request: ShopRequest, tenant: Tenant) -> Changes:
    """Changes of the doors by whoever asks; this process forgets at once whom it has seen."""
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    control: Pool = request.app.state.tenants.control

    async def record(command: RecordAccess) -> Answer:
        return await tenant.submit(command, unkeyed_origin(request))

    return Changes(
        control.connection,
        tenant.readers.connection,
        tenant.name,
        record,
        request.user.maker,
        doorkeeper.forget_all,
    )


def authority_of(request: ShopRequest, store_id: str | None) -> Authority | None:
    """How far whoever asks may go alone in the store, and the approvals that they bring; None for keys.

    `store_id` None is for what concerns every store. Problem 400 for a Daybook-Approval that can't be ids of
    approvals.
    """
    brought = request.headers.get("daybook-approval")
    approvals = () if brought is None else tuple(each.strip() for each in brought.split(","))
    if len(approvals) > MAX_APPROVALS or not all(_APPROVAL_ID.fullmatch(each) for each in approvals):
        raise Problem(
            400, "invalid_request", f"Daybook-Approval is the id of an approval, or up to {MAX_APPROVALS}."
        )
    limits = request.user.limits_in(store_id)
    if limits is None:
        return None
    return Authority(person=request.user.name, limits=limits, other_approvals=approvals)


def purpose(request: ShopRequest, *, required: bool = False) -> str:
    """Why personal data are read, as Daybook-Purpose says: a cause, `service` where nothing is said.

    Problem 400 where it must be said and is not.
    """
    said = request.headers.get("daybook-purpose")
    if said is None:
        if required:
            raise Problem(400, "purpose_missing", "Say in Daybook-Purpose why you read this: it is logged.")
        return "service"
    if len(said) > _CAUSE_LETTERS or not _CAUSE.fullmatch(said):
        raise Problem(400, "invalid_request", "Daybook-Purpose is a cause of one to four lower-case words.")
    return said


def expected_version(request: ShopRequest) -> int:
    """The version in If-Match. Problem 428 without one: a change must say what it changes."""
    given = request.headers.get("if-match")
    if given is None:
        raise Problem(428, "precondition_required", "Send If-Match with the ETag of what you read.")
    match = _ETAG.fullmatch(given.strip())
    if match is None:
        raise Problem(412, "version_conflict", "If-Match must be the ETag that a read answered with.")
    return int(match.group(1))
