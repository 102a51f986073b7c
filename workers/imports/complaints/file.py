"""The bureau's file, plain or gzip: a complaint a line. What is empty or N/A is not known, and never a no."""

import csv
import gzip
import re
import zlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec

from domain.service.case import Channel
from infra.errors import OperatorError

COLUMNS = (
    *("Date received", "Product", "Sub-product", "Issue", "Sub-issue", "Consumer complaint narrative"),
    *("Company public response", "Company", "State", "ZIP code", "Tags", "Consumer consent provided?"),
    *("Submitted via", "Date sent to company", "Company response to consumer", "Timely response?"),
    *("Consumer disputed?", "Complaint ID"),
)
CHANNELS = {
    "Web": Channel.WEB,
    "Referral": Channel.REFERRAL,
    "Phone": Channel.PHONE,
    "Postal mail": Channel.POST,
    "Fax": Channel.FAX,
    "Email": Channel.EMAIL,
}
ANSWERS: dict[str, bool | None] = {"Yes": True, "No": False, "N/A": None, "": None}
OUTCOMES = {
    "Closed with explanation": "closed with explanation",
    "Closed with monetary relief": "closed with monetary relief",
    "Closed with non-monetary relief": "closed with other relief",
    "In progress": "in progress",
    "Untimely response": "untimely response",
}
NO_NARRATIVE = "The consumer gave no text to publish."
_GZIP_MAGIC = b"\x1f\x8b"
_NUMBER = re.compile(r"[0-9]{1,12}")


class FileFormatError(OperatorError):
    """It is not the published file; record 1 is the header."""

    def __init__(self, record: int, what: str) -> None:
        super().__init__(
            f"Record {record}: {what}. Give the bureau's file of complaints as it was published."
        )


class Complaint(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the file. `in_time` and `disputed` are None where nobody said."""

    number: str
    received: date
    sent: date
    product: str
    issue: str
    narrative: str
    channel: Channel
    outcome: str
    in_time: bool | None
    disputed: bool | None

    @property
    def closed(self) -> bool:
        """Whether the company gave an answer that can be disputed."""
        return self.outcome.startswith("closed")


def read_complaints(path: Path) -> Iterator[Complaint]:
    """The complaints as they stand in the file. FileFormatError if it isn't as published."""
    seen: set[str] = set()
    record = 1
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP_MAGIC
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8", newline="")
            if packed
            else path.open(encoding="utf-8", newline="") as text
        ):
            rows = csv.reader(text, strict=True)
            if tuple(next(rows, ())) != COLUMNS:
                raise FileFormatError(1, f"the header is not {','.join(COLUMNS)}")
            for record, row in enumerate(rows, start=2):
                if len(row) != len(COLUMNS):
                    raise FileFormatError(record, f"there are not {len(COLUMNS)} fields")
                complaint = _complaint(record, dict(zip(COLUMNS, row, strict=True)))
                if complaint.number in seen:
                    raise FileFormatError(record, f"complaint {complaint.number} was there before")
                seen.add(complaint.number)
                yield complaint
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error) as error:
        raise FileFormatError(record, str(error)) from error


def _complaint(record: int, row: dict[str, str]) -> Complaint:
    number = row["Complaint ID"]
    if not _NUMBER.fullmatch(number):
        raise FileFormatError(record, f"{number!r} is no complaint's number")
    try:
        complaint = Complaint(
            number=number,
            received=date.fromisoformat(row["Date received"]),
            sent=date.fromisoformat(row["Date sent to company"]),
            product=row["Product"],
            issue=row["Issue"],
            narrative=row["Consumer complaint narrative"] or NO_NARRATIVE,
            channel=CHANNELS[row["Submitted via"]],
            outcome=OUTCOMES[row["Company response to consumer"]],
            in_time=ANSWERS[row["Timely response?"]],
            disputed=ANSWERS[row["Consumer disputed?"]],
        )
    except (KeyError, ValueError) as error:
        raise FileFormatError(record, f"complaint {number} can't be read: {error}") from None
    if complaint.sent < complaint.received:
        raise FileFormatError(record, f"complaint {number} was sent before it was received")
    return complaint
