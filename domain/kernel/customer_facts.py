"""What a decision was told about a customer: inputs that it used and that its event records."""

import msgspec


class CustomerFacts(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Nothing that says who it is. What is not told does not hold."""

    segments: tuple[str, ...] = ()
    first_purchase: bool = False
    birthday: bool = False
    tier: str | None = None
