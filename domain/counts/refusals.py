"""Why something can't be done in a count."""

from domain.kernel.errors import Refusal


class CountEnded(Refusal):
    """The count was posted or cancelled."""

    code = "count_ended"


class NotInCount(Refusal):
    """The items are not in the count, or not any more."""

    code = "not_in_count"


class NotCounted(Refusal):
    """Nobody has counted the items."""

    code = "not_counted"


class CountedTooEarly(Refusal):
    """It was counted before the item was in the count: what the book said then is not known any more."""

    code = "counted_too_early"


class RecountNeeded(Refusal):
    """What was counted is too far from the book to be booked at once."""

    code = "recount_needed"


class RecountByAnother(Refusal):
    """Whoever counted it first doesn't count it again."""

    code = "recount_by_another"


class CountUnapproved(Refusal):
    """The differences come to more than one person may book alone."""

    code = "count_unapproved"
