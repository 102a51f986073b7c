"""segments: a row a segment, one a segment and day on which somebody came or went, one a member."""

from collections.abc import Iterable
from datetime import date

import msgspec

from domain.customers.customer import SegmentEntered, SegmentLeft
from domain.customers.segment import SegmentDefined, SegmentEvaluated
from domain.kernel.event import AnyRecorded
from projections.kernel.table import Change, Table


class SegmentRow(msgspec.Struct, frozen=False, kw_only=False):
    """A segment, and its last evaluation: by which version, as of which day, with how many members."""

    segment_id: str
    version: int = 0
    active: bool = True
    evaluated_version: int = 0
    evaluated_as_of: date | None = None
    members: int = 0


class SegmentCount(msgspec.Struct, frozen=False, kw_only=False):
    """Who came and went as of a day; `members` is None until all is written down."""

    segment_id: str
    as_of: date
    version: int = 0
    entered: int = 0
    departed: int = 0
    members: int | None = None


class SegmentMember(msgspec.Struct, frozen=False, kw_only=False):
    """As of which days the customer last entered and left; a member has not left."""

    segment_id: str
    customer_id: str
    entered_as_of: date | None = None
    departed_as_of: date | None = None


def _fold_segment(row: SegmentRow, event: SegmentDefined | SegmentEvaluated) -> None:
    if isinstance(event, SegmentDefined):
        row.version += 1
        row.active = event.definition.active
    else:
        row.evaluated_version, row.evaluated_as_of = event.version, event.as_of
        row.members = event.members


def _fold_count(row: SegmentCount, event: SegmentEntered | SegmentLeft | SegmentEvaluated) -> None:
    row.version = event.version
    match event:
        case SegmentEntered():
            row.entered += 1
        case SegmentLeft():
            row.departed += 1
        case SegmentEvaluated():
            row.members = event.members


def _fold_member(row: SegmentMember, event: SegmentEntered | SegmentLeft) -> None:
    if isinstance(event, SegmentEntered):
        row.entered_as_of, row.departed_as_of = event.as_of, None
    else:
        row.departed_as_of = event.as_of


SEGMENTS = Table("segments", SegmentRow, keys=1, fold=_fold_segment)
SEGMENT_COUNTS = Table("segment_counts", SegmentCount, keys=2, fold=_fold_count)
SEGMENT_MEMBERS = Table("segment_members", SegmentMember, keys=2, fold=_fold_member)


class Segments:
    """Keyed by segment, with day or customer."""

    name = "segments"
    version = 1
    tables = (SEGMENTS, SEGMENT_COUNTS, SEGMENT_MEMBERS)
    events = (SegmentDefined, SegmentEvaluated, SegmentEntered, SegmentLeft)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The segment's own row, its day's, the member's."""
        event: SegmentDefined | SegmentEvaluated | SegmentEntered | SegmentLeft = entry.data
        if isinstance(event, SegmentDefined | SegmentEvaluated):
            yield SEGMENTS.change((event.segment_id,), event)
        else:
            yield SEGMENT_MEMBERS.change((event.segment_id, event.customer_id), event)
        if not isinstance(event, SegmentDefined):
            yield SEGMENT_COUNTS.change((event.segment_id, event.as_of), event)
