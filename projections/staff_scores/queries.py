"""Reading staff_scores."""

from projections.kernel.table import Connection
from projections.staff_scores.fold import STAFF_SCORES, StaffScore


async def score_of(connection: Connection, employee_id: str, month: str) -> StaffScore:
    """The employee's figures in a month ('2026-11'); zeros where there are none."""
    return (await STAFF_SCORES.load(connection, [(employee_id, month)]))[employee_id, month]
