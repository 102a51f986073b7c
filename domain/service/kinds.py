"""What a case may be, how it came, and what its clocks measure: the words that terms and cases share."""

import enum


class CaseKind(enum.StrEnum):
    """What somebody wants. All kinds have the same streams, calls and clocks."""

    COMPLAINT = "complaint"
    ENQUIRY = "enquiry"
    SUGGESTION = "suggestion"
    AFTER_SALES = "after_sales"


class Channel(enum.StrEnum):
    """How it reached the shop."""

    STORE = "store"
    PHONE = "phone"
    WEB = "web"
    CHAT = "chat"
    EMAIL = "email"
    POST = "post"
    FAX = "fax"
    REFERRAL = "referral"


class ClockKind(enum.StrEnum):
    """What a clock measures."""

    FIRST_RESPONSE = "first_response"
    UPDATE = "update"
    SOLUTION = "solution"
