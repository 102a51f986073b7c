"""What one "Online Retail" line means by itself: its fate, its SKU, the cause of a correction."""

import enum
import re

from domain.kernel.money import half_up

THOUSANDTHS_PER_PENNY = 10

SERVICE_CODES = frozenset(
    {
        "POST",  # postage
        "DOT",  # DOTCOM POSTAGE
        "C2",  # CARRIAGE
        "23444",  # Next Day Carriage
        "23574",  # PACKING CHARGE
        "23702",  # High Resolution Image
        "M",  # Manual
        "m",
        "D",  # Discount
        "S",  # SAMPLES: their cost, not the goods
        "B",  # Adjust bad debt
        "BANK CHARGES",
        "AMAZONFEE",
        "CRUK",  # commission to Cancer Research UK
    }
)
"""What is charged but lies on no shelf. All others are goods, vouchers too: the file counts their stock."""


class Fate(enum.StrEnum):
    """What a line becomes where it is not rejected."""

    SALE = "sale"
    RETURN = "return"
    CORRECTION = "correction"


class RejectReason(enum.StrEnum):
    """Why the journal cannot carry a line."""

    NEGATIVE_PRICE = "the price is negative"
    ROUNDS_TO_NOTHING = "the price is positive, the amount rounds to nothing"
    NOT_IN_PENCE = "no unit price in whole pence gives the amount"
    NOT_CANCELLED = "a priced line with negative quantity is not on a cancellation"
    NOT_A_RETURN = "a cancellation has a positive quantity"
    NO_STOCK = "a service without price has no stock to be corrected"


Fates = list[Fate | RejectReason]
"""One per line of a file."""


def fate(
    *,
    cancels: bool,
    customer_known: bool,
    priced_invoice: bool,
    service: bool,
    quantity: int,
    price_thousandths: int,
) -> Fate | RejectReason:
    """The one thing that becomes of a line; the rules in order are in the docstring of the plan."""
    if price_thousandths < 0:
        return RejectReason.NEGATIVE_PRICE
    # Rare, so that the common line costs no division by ten thousandths.
    if price_thousandths % THOUSANDTHS_PER_PENNY:
        amount_pence = half_up(price_thousandths * quantity, THOUSANDTHS_PER_PENNY)
        if amount_pence == 0:
            return RejectReason.ROUNDS_TO_NOTHING
        if unit_price_pence(price_thousandths) * quantity != amount_pence:
            return RejectReason.NOT_IN_PENCE
    if cancels:
        return Fate.RETURN if quantity < 0 else RejectReason.NOT_A_RETURN
    if price_thousandths:
        return Fate.SALE if quantity > 0 else RejectReason.NOT_CANCELLED
    if quantity > 0 and (customer_known or priced_invoice or service):
        return Fate.SALE
    return RejectReason.NO_STOCK if service else Fate.CORRECTION


def unit_price_pence(price_thousandths: int) -> int:
    """The journal's unit price, half up."""
    return (price_thousandths + THOUSANDTHS_PER_PENNY // 2) // THOUSANDTHS_PER_PENNY


def sku_of(stock_code: str) -> str:
    """The code as an id: the blank of 'BANK CHARGES' becomes a hyphen, which no stock code has."""
    return stock_code.replace(" ", "-")


# The first of them that occurs in the description names the cause.
_CAUSES = tuple(
    (cause, re.compile(words, re.IGNORECASE))
    for cause, words in (
        ("damaged", r"damag|dagam|wet|water|rust|mould|crush|crack|smash|broken|breakage|smudge|faulty"),
        ("thrown away", r"thr[oe]wn? away|unsale?able|destroyed"),
        (
            "miscoded",
            r"code[d?]?\b|barcode|marked|mrked|mix|sold (as|in|with|sets)|dotcom set|\(22719\)|^20713$",
        ),
        ("lost", r"lost|missing|\bmia\b|can't find|mystery|not rcvd"),
        ("found", r"found|put aside"),
        ("given away", r"sample|display|showroom|given away|mailout"),
        ("online orders", r"dotcom(?!gift)|amazon|ebay|\bfba\b|online|website"),
        ("recount", r"check|count|adjust|stock|correct|error|oops|credit|test"),
    )
)
NO_CAUSE = "not stated"
OTHER_CAUSE = "other"


def cause_of(description: str) -> str:
    """A word or two for why stock was corrected, out of what somebody scribbled instead of a description.

    The scribbles can name employees, so they are not for the journal as they are. Without a small letter
    (and without any of the causes) they say nothing: "", "??", or the name of a product never sold.
    """
    for cause, words in _CAUSES:
        if words.search(description):
            return cause
    return NO_CAUSE if description.upper() == description else OTHER_CAUSE
