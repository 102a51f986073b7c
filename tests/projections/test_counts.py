"""The board of counts says what the counts' own states say."""

from domain.counts.count import COUNT
from domain.kernel.event import AnyRecorded
from projections.count_board.fold import COUNTS, CountBoard, CountRow
from tests.support.journals import folded
from tests.support.postgres import Tenant
from tests.support.read_models import fold_in_memory


def test_a_count_on_the_board_is_as_far_as_it_is(shop: Tenant, journal: list[AnyRecorded]) -> None:
    states = folded(shop, journal)
    rows = fold_in_memory(CountBoard(), journal)[COUNTS]
    for (count_id,), row in rows.items():
        assert isinstance(row, CountRow)
        count = states[COUNT.stream(count_id)].state
        assert (row.status, row.items_left) == (count.status, len(count.items))
    assert {row.status for row in rows.values()} == {"open", "posted", "cancelled"}
