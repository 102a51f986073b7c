"""Carriers behind one HTTP address: GET <url>/<carrier>/<tracking number>, answered in JSON.

Nothing that is answered is trusted: it has a longest size and time, no redirect is followed (the token would
go with it), and what is no report is a fault of the answer that is told by a short name.
"""

import asyncio
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from typing import Any

import msgspec

from domain.orders.shipment import CarrierStatus
from infra.carriers.port import Answer, CarrierAway, Parcel, Report
from infra.errors import OperatorError

TIMEOUT_S = 10.0
"""For each wait on the wire, and for the whole answer."""
LONGEST_BYTES = 256 << 10
MOST_REPORTS = 500
MAX_AHEAD = timedelta(days=1)
"""How far a carrier's clock may be ahead of ours: a report of the year 2999 would stay the last for ever."""
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_NOT_FOUND, _TOO_MANY, _SERVER_ERROR = 404, 429, 500
_CHUNK = 16 << 10
_EVENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+-]{0,99}")
"""In the clear for ever: without room for a name or an address, as in the API."""


class CarrierUnusable(OperatorError):
    """The carriers' address can't be used."""


class _Event(msgspec.Struct):
    event_id: str
    status: str
    happened_at: datetime


class _Told(msgspec.Struct):
    events: list[msgspec.Raw]


_TOLD = msgspec.json.Decoder(_Told)
_EVENT = msgspec.json.Decoder(_Event)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """None is followed: the answer is then that of the redirect."""


class WebCarriers:
    """Asks over HTTP, with a bearer token if there is one."""

    asks = True

    def __init__(self, url: str, token: str | None = None) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise CarrierUnusable("DAYBOOK_CARRIER_URL is an http(s) address without query.")
        self._url = url.rstrip("/")
        self._headers = {"Accept": "application/json"}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        self._opener = urllib.request.build_opener(_NoRedirects)

    async def reports_of(self, parcel: Parcel) -> Answer:
        """What is known of a parcel; of one that nobody has heard of yet nothing."""
        # The standard library's client blocks: parcels are few, and asked a handful at a time.
        body = await asyncio.to_thread(self._ask, parcel)
        if isinstance(body, Answer):
            return body
        return read_answer(body, datetime.now(UTC))

    def _ask(self, parcel: Parcel) -> bytes | Answer:
        path = "/".join(urllib.parse.quote(part, safe="") for part in parcel)
        url = f"{self._url}/{path}"
        request = urllib.request.Request(url, headers=self._headers)  # noqa: S310 - http or https, as checked
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as response:
                return _read(response)
        except urllib.error.HTTPError as error:
            if error.code == _NOT_FOUND:
                return Answer()
            if error.code >= _SERVER_ERROR or error.code == _TOO_MANY:
                raise CarrierAway(f"answered {error.code}") from None
            return Answer(fault=f"answered {error.code}")
        except (OSError, HTTPException) as error:
            # The text of some errors repeats the address, which may hold a secret.
            raise CarrierAway(type(error).__name__) from None


def _read(response: Any) -> bytes | Answer:
    """The body, if it is not too long. CarrierAway for one that drips."""
    ends_at = time.monotonic() + TIMEOUT_S
    read = bytearray()
    while chunk := response.read1(_CHUNK):
        read += chunk
        if len(read) > LONGEST_BYTES:
            return Answer(fault="too long")
        if time.monotonic() > ends_at:
            raise CarrierAway("too slow")
    return bytes(read)


def read_answer(body: bytes, now: datetime) -> Answer:
    """The reports of an answer. Of a bad one the good are taken, and the first fault is told."""
    try:
        raws = _TOLD.decode(body).events
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Answer(fault="no list of events")
    if len(raws) > MOST_REPORTS:
        return Answer(fault="too many events")
    reports: list[Report] = []
    fault: str | None = None
    for raw in raws:
        found = _report(raw, now)
        if isinstance(found, Report):
            reports.append(found)
        else:
            fault = fault or found
    return Answer(tuple(reports), fault)


def _report(raw: msgspec.Raw, now: datetime) -> Report | str:
    """One report, or what is wrong with it."""
    try:
        event = _EVENT.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "no event"
    if not _EVENT_ID.fullmatch(event.event_id):
        return "bad event id"
    if event.status not in set(CarrierStatus):
        return "unknown status"
    if event.happened_at.tzinfo is None:
        return "no time zone"
    if not EARLIEST <= event.happened_at <= now + MAX_AHEAD:
        return "impossible time"
    return Report(
        event_id=event.event_id,
        status=CarrierStatus(event.status),
        happened_at=event.happened_at.astimezone(UTC),
    )
