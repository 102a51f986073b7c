"""How long what is known of customers is kept."""

import pytest

from domain.kernel.errors import InvalidCommand
from domain.privacy.retention import RETENTION, RetentionSet, SetRetention
from tests.support.decisions import Shop, given

SET = SetRetention(periods_days={"phone": 730, "name": 3650})


def test_the_periods_are_those_that_were_set_last() -> None:
    shop = Shop()
    shop.do(SET)
    shop.do(SetRetention(periods_days={"phone": 30}))
    assert shop.state(RETENTION, "policy").periods_days == {"phone": 30}


def test_they_are_written_as_one_fact() -> None:
    given().when(SET).then(("retention-policy", RetentionSet(periods_days={"name": 3650, "phone": 730})))


def test_the_same_periods_again_change_nothing() -> None:
    given().after(SET).when(SET).then()


@pytest.mark.parametrize("periods", [{"shoe": 30}, {"phone": 0}, {"phone": 36_501}])
def test_a_period_is_days_of_a_part(periods: dict[str, int]) -> None:
    (part,) = periods
    given().when(SetRetention(periods_days=periods)).refused(InvalidCommand, part=part)
