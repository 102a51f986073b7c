"""Care rules: data that is checked when it is set, version after version."""

from datetime import date
from typing import Any

import pytest

from domain.care.quiet import QuietHours
from domain.care.rule import Cap, CareCoupon, CareRuleSet, CareRuleVersion, Occasion, SetCareRule
from domain.care.texts import CareText, filled, text_in
from domain.kernel.errors import InvalidCommand, NotFound, VersionConflict
from tests.support.care import a_care_rule, care_rule
from tests.support.decisions import given
from tests.support.facts import a_campaign, a_store

HOLIDAY: dict[str, Any] = {"occasion": Occasion.HOLIDAY, "dates": (date(2026, 2, 17),)}


def set_rule(expected: int | None = None, **fields: Any) -> SetCareRule:
    return SetCareRule(rule_id="birthday", rule=care_rule(**fields), expected=expected)


def text(subject: str = "Hello", body: str = "Dear {name}", language: str = "en") -> CareText:
    return CareText(language=language, subject=subject, text=body)


def test_a_rule_is_set_and_has_a_version() -> None:
    given(a_store()).when(set_rule(0)).then_events(
        CareRuleSet(rule_id="birthday", version=1, rule=care_rule())
    )


def test_the_same_again_changes_nothing() -> None:
    outcome = given(a_store(), a_care_rule()).when(set_rule())
    outcome.then_events()
    assert outcome.decision.result == CareRuleVersion(rule_id="birthday", version=1)


def test_whoever_read_an_older_version_changes_nothing() -> None:
    given(a_store(), a_care_rule()).when(set_rule(0, lead_days=1)).refused(
        VersionConflict, expected=0, actual=1
    )


def test_a_rule_keeps_its_occasion() -> None:
    given(a_store(), a_care_rule()).when(set_rule(**HOLIDAY)).refused(InvalidCommand, occasion="birthday")


def test_the_campaign_of_its_coupon_exists() -> None:
    command = set_rule(coupon=CareCoupon(campaign_id="autumn", valid_days=7))
    given(a_store()).when(command).refused(NotFound, kind="campaign", id="autumn")
    given(a_store(), a_campaign()).when(command).then_events(
        CareRuleSet(rule_id="birthday", version=1, rule=command.rule)
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"active_until": date(2025, 12, 31)},
        {"lead_days": 61},
        {"lead_days": 1, **HOLIDAY},
        {"after_days": 3},
        {"occasion": Occasion.DORMANT},
        {"occasion": Occasion.DORMANT, "after_days": 0},
        {"occasion": Occasion.HOLIDAY},
        {"dates": (date(2026, 2, 17),)},
        {"skus": ("apple",)},
        {"segments": tuple(f"s{number}" for number in range(101))},
        {"cap": Cap(messages=0, days=1)},
        {"quiet": QuietHours(from_min=1440, until_min=0)},
        {"texts": ()},
        {"holdout_permille": 1000},
        {"conversion_days": 0},
        {"texts": (text(), text())},
        {"texts": (text(body="{coupon}"),)},
        {"texts": (text(body="{product}"),)},
        {"texts": (text(body="{link}"),)},
        {"page": "javascript:alert(1)"},
        {"page": "https://shop.example/\r\nSet-Cookie: a=b"},
        {"texts": (text(body="{name.__class__}"),)},
        {"texts": (text(body="{name!r}"),)},
        {"texts": (text(body="{0}"),)},
        {"texts": (text(body="a { b"),)},
    ],
    ids=str,
)
def test_a_rule_that_can_mean_nothing_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidCommand):
        _ = given(a_store()).when(set_rule(**fields)).decision


def test_a_text_is_the_customers_language_s_or_the_shops_or_the_first() -> None:
    texts = (text(language="it"), text(language="en"), text(language="zh-CN"))
    assert text_in(texts, "zh-CN", "en").language == "zh-CN"
    assert text_in(texts, None, "en").language == "en"
    assert text_in(texts, "fr", "de").language == "it"


def test_whoever_has_no_name_is_called_as_the_text_says() -> None:
    greeting = CareText(language="en", subject="Dear {name}", text="Dear {name}, {shop}", unnamed="guest")
    assert filled(greeting, {"name": "", "shop": "Main"}) == ("Dear guest", "Dear guest, Main")


def test_a_name_with_a_line_break_forges_no_header() -> None:
    subject, _ = filled(text("{name}"), {"name": "Han\r\nBcc: x@example.com", "shop": ""})
    assert subject == "Han Bcc: x@example.com"
