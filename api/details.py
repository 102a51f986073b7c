"""A customer's details as callers write them, brought into one form before they are sealed."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from api.errors import Problem
from api.requests import Body, Text
from infra.people.normal_forms import normal_card, normal_email, normal_phone

_LEAP_YEAR = 2000

Language = Literal["en", "zh-CN"]
Phone = Annotated[str, Meta(pattern=r"^\+?[0-9 ()./-]{4,30}$(?!\n)")]
Email = Annotated[str, Meta(pattern=r"^[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]{1,255}$(?!\n)")]
Birthday = Annotated[str, Meta(pattern=r"^([0-9]{4}-|--)(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$(?!\n)")]
Card = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9 -]{2,38}[A-Za-z0-9]$(?!\n)")]
Gender = Literal["female", "male", "other"]
Country = Annotated[str, Meta(pattern=r"^[A-Z]{2}$(?!\n)", description="ISO 3166: CN, IT, …")]


class AddressBody(Body, frozen=True, kw_only=True):
    """A postal address: the lines before the city as they stand on a parcel."""

    lines: Annotated[list[Text], Meta(min_length=1, max_length=5)]
    city: Text
    region: Text | None = None
    postal_code: Text | None = None
    country: Country


def normalised(field: str, text: str, region: str) -> str:
    """The detail in the form that is kept: numbers in E.164, addresses in lower case, cards without blanks.

    Names stay as they are. Problem 400 for a number that nobody can have and a day that no calendar has.
    """
    match field:
        case "phone":
            phone = normal_phone(text, region)
            if phone is None:
                raise Problem(
                    400,
                    "invalid_request",
                    "phone is no telephone number. Write it with its country code: +86 138 0000 0000.",
                )
            return phone
        case "email":
            return normal_email(text)
        case "card":
            return normal_card(text)
        case "birthday":
            _require_day(text)
            return text
        case _:
            return text


def _require_day(birthday: str) -> None:
    """Problem 400 for a day that no calendar has: the pattern lets 31 February through."""
    try:
        # Without a year, in a leap year: people are born on 29 February.
        date.fromisoformat(birthday.replace("--", f"{_LEAP_YEAR}-", 1))
    except ValueError:
        raise Problem(400, "invalid_request", "birthday is no day of the calendar.") from None
