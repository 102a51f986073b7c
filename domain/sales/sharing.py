"""Whose a sale is: whoever rang it up has what nobody else has of it."""

from domain.kernel.errors import InvalidCommand
from domain.sales.sale import WHOLE_SHARE_BP, Attribution


def shared(employee_id: str | None, others: tuple[Attribution, ...]) -> tuple[Attribution, ...]:
    """The attributions of a sale that others have a share of, or InvalidCommand. They add up to the whole."""
    if employee_id is None:
        raise InvalidCommand("A sale is shared with others by an employee. Send employee_id.")
    names = [employee_id, *(other.employee_id for other in others)]
    if len(set(names)) < len(names):
        raise InvalidCommand("Everybody has one share of a sale.", employees=names)
    rest = WHOLE_SHARE_BP - sum(other.share_bp for other in others)
    if rest < 1 or min(other.share_bp for other in others) < 1:
        raise InvalidCommand(
            f"Shares are basis points from 1 on, and leave the employee some of {WHOLE_SHARE_BP}.",
            shares=[other.share_bp for other in others],
        )
    return (Attribution(employee_id=employee_id, share_bp=rest), *others)
