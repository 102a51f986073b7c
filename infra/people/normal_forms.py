"""One way to write each detail, so that equal ones are stored and found as equal."""

import re
import unicodedata

LAST_DIGITS = 4


def normal_phone(text: str, region: str) -> str | None:
    """The number in E.164, +8613800138000; None if there can be no such number.

    `region` is the country of a number without a country code. Its length must be right: which ranges are
    given out changes more often than we learn of it, and refusing a number is worse than keeping a wrong one.
    """
    # It takes longer to load than most of what a command needs, and few ask for a number.
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_region(region: str) -> bool:
    """Whether it is a country that numbers without a country code may be of."""
    import phonenumbers

    return region in phonenumbers.SUPPORTED_REGIONS


def normal_email(text: str) -> str:
    """The address in lower case, without outer blanks."""
    return text.strip().lower()


def normal_name(text: str) -> str:
    """The name as it is compared: composed alike, without case, with single blanks."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().casefold()


def normal_card(text: str) -> str:
    """The number on a membership card: letters large, without blanks and hyphens."""
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()


def month_and_day(birthday: str) -> str:
    """MM-DD of YYYY-MM-DD or --MM-DD."""
    return birthday[-5:]
