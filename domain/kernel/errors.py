"""Refusals: a decision's "no", with a stable code and the facts that explain it."""

from typing import ClassVar


class Refusal(Exception):
    """The rules forbid the command. Nothing was written.

    `code` is stable and public; `detail` says what to do; `facts` are JSON-ready values. A refusal
    knows no HTTP: api/errors.py maps codes to statuses.
    """

    code: ClassVar[str] = "refused"

    def __init__(self, detail: str, **facts: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class NotFound(Refusal):
    """The command names something that the journal has never heard of."""

    code = "not_found"


class Erased(Refusal):
    """The person was forgotten: the id remains, and nothing is known or may become known of them."""

    code = "erased"


class LegalHold(Refusal):
    """Somebody may need what is known of the person: nothing is forgotten until the hold is lifted."""

    code = "legal_hold"


class HoldUnknown(NotFound):
    """The person is not held for that reason."""

    code = "hold_unknown"


class AlreadyExists(Refusal):
    """The id is taken. Choose another, or change what exists."""

    code = "already_exists"


class VersionConflict(Refusal):
    """The caller decided on an older version of the stream than the current one."""

    code = "version_conflict"


class InvalidCommand(Refusal):
    """The command is well-formed but can mean nothing: an empty sale, a quantity of zero."""

    code = "invalid_command"


class CurrencyMismatch(Refusal):
    """An amount is in another currency than the store's."""

    code = "currency_mismatch"
