"""Identifiers as callers may write them; they become parts of stream names."""

from typing import Annotated

import msgspec

END_OF_TEXT = r"$(?!\n)"
"""How patterns end: in Python a lone `$` would let a newline through. Elsewhere it wouldn't."""

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$(?!\n)"
Id = Annotated[str, msgspec.Meta(pattern=ID_PATTERN)]
"""A caller's own id: never a slash, which separates the parts of a stream name."""

CurrencyCode = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$(?!\n)", description="ISO 4217, as CNY")]
