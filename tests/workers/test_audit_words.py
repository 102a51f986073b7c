"""Every event that may stand in the journal can be told in words, and tells nothing that is sealed."""

import pytest

from domain.access.limits import GivenLimits
from domain.access.record import RoleDefined
from domain.book import EVENTS
from domain.kernel.event import Event
from tests.domain.examples import EXAMPLES
from tests.support.walks import each
from workers.audit_words import has_words, told

BOX = "bm9uY2UrYm94"
ALL = [event for kind in EVENTS for event in EXAMPLES[kind]]


@each("kind", EVENTS, lambda kind: kind.TYPE)
def test_every_event_of_the_book_has_words(kind: type[Event]) -> None:
    assert has_words(kind)


@each("event", ALL)
def test_an_event_is_told_in_a_line_without_what_is_sealed(event: Event) -> None:
    line = told(event)
    assert line
    assert "\n" not in line
    assert not any(sign in line for sign in (BOX, "Sealed(", "None", "_minor"))


@pytest.mark.parametrize(
    ("type_", "line"),
    [
        ("store.opened.v1", "opened as '主街店', in CNY and the time zone Asia/Shanghai"),
        ("product.added.v1", "added as '樱桃' (fruit) at CNY 39.90 a kilogram, tax 9 %"),
        ("customer.changed.v1", "changed: name (sealed), phone (sealed), email (sealed), birthday (sealed)"),
    ],
)
def test_words_are_those_of_the_shop(type_: str, line: str) -> None:
    event = next(event for event in ALL if type_ == event.TYPE)
    assert told(event) == line


def test_an_event_without_words_is_told_by_its_fields() -> None:
    class CatFed(Event, frozen=True, kw_only=True):
        TYPE = "cat.fed.v1"  # pyright: ignore[reportAssignmentType, reportUnannotatedClassAttribute]
        food_g: int

    assert told(CatFed(food_g=50)) == "cat.fed.v1: food_g 50"


def test_every_limit_of_a_role_is_told() -> None:
    limits = GivenLimits(refund_minor={"CNY": 1000}, discount_bp=500, over_short_minor=None)
    line = told(RoleDefined(role="cashier", limits=limits))
    assert line.count("up to") == 3
    assert "drawer up to any height" in line
