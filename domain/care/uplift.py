"""What messages earned: those who were planned one against those who were held out. Formula uplift.v1.

All who were planned a message count, also those whom it did not reach: who is reached is no longer chosen by
lot, and the two groups would differ by more than the message.
"""

from domain.kernel.money import half_up

FORMULA = "uplift.v1"
WHOLE_PERMILLE = 1_000


def incremental_minor(
    *, planned: int, planned_margin_minor: int, held_out: int, held_out_margin_minor: int
) -> int | None:
    """The margin of the planned less what so many would have brought at the rate of the held out.

    planned margin − half_up(held-out margin · planned / held out); None where nobody was held out.
    """
    if held_out == 0:
        return None
    return planned_margin_minor - half_up(held_out_margin_minor * planned, held_out)


def rate_permille(converted: int, members: int) -> int | None:
    """How many of a thousand bought; None of nobody."""
    return None if members == 0 else half_up(converted * WHOLE_PERMILLE, members)
