"""Segments stand in the clear beside a customer for ever: their names are words."""

import pytest

from domain.customers.customer import SegmentsSet
from domain.customers.segments import SetSegments
from domain.kernel.errors import InvalidCommand
from tests.support.decisions import given
from tests.support.facts import a_customer


def put_into(*segments: str) -> SetSegments:
    return SetSegments(customer_id="c1", segments=segments)


@pytest.mark.parametrize("name", ["vip", "regular-guests", "staff_of_y2026", "a-b-c-d"])
def test_a_segment_is_a_few_words(name: str) -> None:
    given(a_customer()).when(put_into(name)).then_events(SegmentsSet(customer_id="c1", segments=(name,)))


@pytest.mark.parametrize(
    "name",
    [
        "Ada Lovelace",
        "ada@example.org",
        "13800000000",
        "t13800000000",
        "VIP",
        "",
        "a-b-c-d-e",
        "-vip",
        "vip\n",
        "x" * 61,
    ],
)
def test_a_person_a_number_or_a_sentence_is_no_segment(name: str) -> None:
    given(a_customer()).when(put_into("vip", name)).refused(InvalidCommand, segment=name)


def test_what_a_customer_has_from_before_may_stay() -> None:
    before = ("customer-c1", SegmentsSet(customer_id="c1", segments=("Gold Members",)))
    given(a_customer(), before).when(put_into("Gold Members", "vip")).then_events(
        SegmentsSet(customer_id="c1", segments=("Gold Members", "vip"))
    )
