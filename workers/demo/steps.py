"""A step of the demo's plan: a command as far as it can be known without keys."""

from datetime import datetime

import msgspec

from domain.kernel.command import Command
from domain.kernel.sealed import Sealed

TO_SEAL = Sealed(key_id="", subject="", place="", box="")
"""Stands where a command can't do without a sealed text, until the teller has sealed it."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One command, when it happened and at which till; equal for equal seeds.

    `texts` are its personal texts by place (`customer.registered.v1/phone`: event type and the command's
    field), to be sealed for `subject`. `coupons` name the codes that it issues or presents: "festival-07".
    """

    occurred_at: datetime
    command: Command
    terminal: str | None = None
    subject: str = ""
    texts: dict[str, str] = {}
    coupons: tuple[str, ...] = ()
