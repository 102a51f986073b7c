"""Alerts are raised once, seen by somebody, and cleared by the facts."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.alerts.alert import AcknowledgeAlert, AlertAcknowledged, AlertCleared, AlertRaised
from domain.alerts.digest import AlertsTold, TellAlerts
from domain.alerts.policy import (
    AlertRecipientSet,
    AlertThresholdsSet,
    SetAlertRecipient,
    SetAlertThresholds,
)
from domain.alerts.rules import ENDLESS_DAYS, Measured
from domain.alerts.thresholds import AlertKind, Thresholds
from domain.inventory.reservation import StockReserved
from domain.kernel.command import Command
from domain.kernel.errors import Erased, InvalidCommand, NotFound, VersionConflict
from domain.staff.employee import EmployeeErased
from domain.stockroom.moves import MoveKind, MoveLine, MoveStock
from domain.stockroom.stock_alerts import AlertLook, LookAtStock
from tests.support.commands import add_product, adjust, hire, open_store, receive, sell
from tests.support.decisions import NOON, Given, Outcome, at, given
from tests.support.facts import sealed

STREAM = "alert-s1/apple"
TODAY = date(2026, 3, 2)
LOW, HIGH, OUT, NEGATIVE = AlertKind.LOW, AlertKind.HIGH, AlertKind.OUT, AlertKind.NEGATIVE
EXPIRING, SLOW, DEAD = AlertKind.EXPIRING, AlertKind.SLOW_MOVING, AlertKind.DEAD
EMAIL = sealed("e1@shop.example", "employee-e1")
sales = iter(range(10_000))


def look(day: date = TODAY, **measured: object) -> LookAtStock:
    facts = Measured(**measured)  # type: ignore[arg-type]
    return LookAtStock(store_id="s1", day=day, looks=(AlertLook(sku="apple", measured=facts),))


def says(**values: object) -> SetAlertThresholds:
    """Thresholds of the apples of this store."""
    return SetAlertThresholds(
        store_id="s1",
        sku="apple",
        thresholds=Thresholds(**values),  # type: ignore[arg-type]
    )


def sold(quantity: int) -> Command:
    return sell(("apple", quantity), sale_id=f"s{next(sales)}")


def lot(name: str, quantity: int, sell_by: date) -> MoveStock:
    line = MoveLine(sku="apple", quantity=quantity, lot=name, sell_by=sell_by)
    return MoveStock(store_id="s1", kind=MoveKind.RECEIPT, lines=(line,))


def a_shop(*commands: Command) -> Given:
    return given().after(open_store("s1"), add_product("apple", 1000), *commands)


def raised(outcome: Outcome) -> list[tuple[AlertKind, int, int]]:
    return [(one.kind, one.figure, one.threshold) for one in outcome.all(AlertRaised)]


def cleared(outcome: Outcome) -> list[tuple[AlertKind, int | None]]:
    return [(one.kind, one.figure) for one in outcome.all(AlertCleared)]


def acknowledged(number: int = 1, note: str | None = None) -> AcknowledgeAlert:
    return AcknowledgeAlert(store_id="s1", sku="apple", number=number, note=note)


def test_an_item_below_its_threshold_is_low() -> None:
    alert = AlertRaised(
        store_id="s1", sku="apple", number=1, kind=LOW, figure=9, threshold=10, quantity=9, day=TODAY
    )
    a_shop(says(low=10), receive(("apple", 20)), sold(11)).when(look()).then((STREAM, alert))


def test_an_item_at_its_threshold_is_not_low() -> None:
    a_shop(says(low=10), receive(("apple", 20)), sold(10)).when(look()).then()


def test_an_item_above_its_threshold_is_too_much() -> None:
    assert raised(a_shop(says(high=10), receive(("apple", 11))).when(look())) == [(HIGH, 11, 10)]


def test_what_is_there_but_promised_is_out() -> None:
    promised = StockReserved(
        store_id="s1", sku="apple", quantity=5, reference="order-o1", until=NOON + timedelta(hours=1)
    )
    shop = given(("stock-s1/apple", promised)).after(
        open_store("s1"), add_product("apple", 1000), receive(("apple", 5))
    )
    assert raised(shop.when(look())) == [(OUT, 0, 0)]
    assert raised(shop.when(look(), at(NOON + timedelta(hours=2)))) == []


def test_what_has_expired_is_not_there_to_sell() -> None:
    shop = a_shop(lot("l1", 5, TODAY), says(off=(EXPIRING,)))
    assert raised(shop.when(look(TODAY))) == []
    tomorrow = datetime(2026, 3, 3, 12, tzinfo=UTC)
    assert raised(shop.when(look(TODAY + timedelta(days=1)), at(tomorrow))) == [(OUT, 0, 0)]


def test_what_was_sold_below_zero_is_negative_and_out() -> None:
    assert raised(a_shop(sold(2)).when(look())) == [(OUT, -2, 0), (NEGATIVE, -2, 0)]


@pytest.mark.parametrize(("days", "told"), [(3, False), (2, True), (0, True), (-1, True)])
def test_a_lot_is_told_within_so_many_days_of_its_sell_by(days: int, told: bool) -> None:
    outcome = a_shop(says(expiring_days=2), lot("l1", 5, TODAY + timedelta(days=days)), receive(("apple", 9)))
    alerts = outcome.when(look()).all(AlertRaised)
    assert [(one.kind, one.lot, one.figure, one.quantity) for one in alerts] == [
        (EXPIRING, "l1", days, 5)
    ] * told


def test_each_lot_that_expires_is_told_once_and_cleared_when_it_is_gone() -> None:
    shop = a_shop(lot("l1", 5, TODAY), receive(("apple", 9))).after(look())
    shop = shop.after(lot("l2", 5, TODAY + timedelta(days=1)))
    (second,) = shop.when(look()).all(AlertRaised)
    assert (second.lot, second.number) == ("l2", 2)
    (over,) = shop.after(look(), sold(5)).when(look()).all(AlertCleared)
    assert (over.lot, over.number, over.figure) == ("l1", 1, 0)


def test_what_lasts_too_long_moves_slowly() -> None:
    shop = a_shop(says(slow_days=30), receive(("apple", 100)))
    assert raised(shop.when(look(demand_milli=2_000))) == [(SLOW, 50, 30)]
    assert raised(shop.when(look(demand_milli=0))) == [(SLOW, ENDLESS_DAYS, 30)]
    assert raised(shop.when(look(demand_milli=4_000))) == []
    assert raised(shop.when(look())) == []


def test_what_was_not_sold_for_so_many_days_is_dead() -> None:
    shop = a_shop(says(dead_days=30), receive(("apple", 1)))
    assert raised(shop.when(look(idle_since=TODAY - timedelta(days=30)))) == [(DEAD, 30, 30)]
    assert raised(shop.when(look(idle_since=TODAY - timedelta(days=29)))) == []
    dead = shop.after(look(idle_since=TODAY - timedelta(days=30)))
    assert cleared(dead.when(look(idle_since=TODAY))) == [(DEAD, 0)]
    assert cleared(dead.after(sold(1)).when(look())) == [(DEAD, 0)]


def test_a_second_look_at_the_same_facts_changes_nothing() -> None:
    a_shop(says(low=10), receive(("apple", 9)), look()).when(look()).then()


def test_what_is_open_is_not_raised_again_however_often_the_threshold_is_crossed() -> None:
    """Low is below 10 and is over at 12: in between it stays as it was."""
    shop = a_shop(says(low=10, margin=2), receive(("apple", 9)), look())
    for command in (receive(("apple", 2)), sold(2), receive(("apple", 2))):
        shop = shop.after(command)
        shop.when(look()).then()
    assert cleared(shop.after(receive(("apple", 1))).when(look())) == [(LOW, 12)]


def test_it_is_raised_again_after_it_was_over_under_another_number() -> None:
    shop = a_shop(says(low=10), receive(("apple", 9)), look(), receive(("apple", 10)), look(), sold(15))
    (again,) = shop.when(look()).all(AlertRaised)
    assert (again.kind, again.number) == (LOW, 2)


@pytest.mark.parametrize(
    ("values", "kind", "before", "inside", "beyond"),
    [
        ({"low": 100}, LOW, 99, 109, 110),
        ({"low": 1}, LOW, 0, 1, 2),
        ({"high": 100}, HIGH, 101, 91, 90),
        ({"margin": 3}, OUT, 0, 3, 4),
        ({"margin": 3}, NEGATIVE, -1, 2, 3),
    ],
)
def test_what_was_told_is_over_only_beyond_the_margin(
    values: dict[str, int], kind: AlertKind, before: int, inside: int, beyond: int
) -> None:
    """A tenth of the threshold where nobody says another, and one at least."""
    shop = a_shop(says(**values), receive(("apple", 200)), adjust("apple", before - 200), look())
    still = shop.after(adjust("apple", inside - before)).when(look())
    over = shop.after(adjust("apple", beyond - inside)).when(look())
    assert kind not in dict(cleared(still))
    assert kind in dict(cleared(over))


def test_thresholds_come_from_item_product_store_and_tenant_in_this_order() -> None:
    shop = a_shop(receive(("apple", 100)))
    for number, (store_id, sku) in enumerate(
        [(None, None), ("s1", None), (None, "apple"), ("s1", "apple")], start=1
    ):
        shop = shop.after(
            SetAlertThresholds(store_id=store_id, sku=sku, thresholds=Thresholds(high=10 * number))
        )
        assert raised(shop.when(look())) == [(HIGH, 100, 10 * number)]
    assert raised(shop.after(says(low=7)).when(look())) == [(HIGH, 100, 30)]


def test_the_reorder_point_is_the_threshold_unless_item_or_product_say_another() -> None:
    shop = a_shop(SetAlertThresholds(thresholds=Thresholds(low=5)), receive(("apple", 20)))
    assert raised(shop.when(look(reorder_at=47))) == [(LOW, 20, 47)]
    assert raised(shop.after(says(low=10)).when(look(reorder_at=47))) == []


def test_a_product_that_is_given_up_is_quiet_and_what_was_open_is_over() -> None:
    shop = a_shop(sold(2), look())
    off = SetAlertThresholds(sku="apple", thresholds=Thresholds(off=tuple(AlertKind)))
    assert cleared(shop.after(off).when(look())) == [(OUT, None), (NEGATIVE, None)]
    shop.after(off, look()).when(look()).then()


def test_whoever_acknowledges_first_has_seen_it_and_a_retry_changes_nothing() -> None:
    shop = a_shop(sold(2), look())
    seen = AlertAcknowledged(store_id="s1", sku="apple", number=1, note="counted again")
    shop.when(acknowledged(note="counted again")).then((STREAM, seen))
    shop.after(acknowledged()).when(acknowledged()).then()


def test_acknowledging_what_is_over_changes_nothing() -> None:
    a_shop(sold(2), look(), receive(("apple", 9)), look()).when(acknowledged()).then()


@pytest.mark.parametrize("number", [0, 2, -1])
def test_an_alert_that_never_was_can_not_be_acknowledged(number: int) -> None:
    a_shop(receive(("apple", 2)), sold(2), look()).when(acknowledged(number)).refused(NotFound, number=number)


def test_thresholds_are_set_changed_and_ended() -> None:
    set_ = AlertThresholdsSet(store_id="s1", sku="apple", thresholds=Thresholds(low=10))
    a_shop().when(says(low=10)).then(("alerting-item/s1/apple", set_))
    shop = a_shop(says(low=10))
    shop.when(says(low=10)).then()
    end = SetAlertThresholds(store_id="s1", sku="apple", thresholds=None)
    shop.when(end).then(("alerting-item/s1/apple", AlertThresholdsSet(store_id="s1", sku="apple")))
    stale = SetAlertThresholds(thresholds=None, expected_version=1)
    shop.when(stale).refused(VersionConflict)


@pytest.mark.parametrize(
    "values",
    [
        {"low": -1},
        {"low": 10, "high": 9},
        {"expiring_days": 3_651},
        {"margin_bp": 10_001},
        {"digest_min": 5},
    ],
)
def test_thresholds_that_can_mean_nothing_are_refused(values: dict[str, int]) -> None:
    a_shop().when(says(**values)).refused(InvalidCommand)


def test_thresholds_of_what_is_not_known_are_refused() -> None:
    a_shop().when(SetAlertThresholds(store_id="moon", thresholds=None)).refused(NotFound, kind="store")
    a_shop().when(SetAlertThresholds(sku="kiwi", thresholds=None)).refused(NotFound, kind="product")


def test_an_employee_gets_the_alerts_of_a_store_until_they_do_not() -> None:
    shop = a_shop(hire("e1", "s1"))
    gets = AlertRecipientSet(store_id="s1", employee_id="e1", email=EMAIL)
    get = SetAlertRecipient(store_id="s1", employee_id="e1", email=EMAIL)
    shop.when(get).then(("alerting-store/s1", gets))
    end = SetAlertRecipient(store_id="s1", employee_id="e1")
    shop.when(end).then()
    shop.after(get).when(end).then(("alerting-store/s1", AlertRecipientSet(store_id="s1", employee_id="e1")))


def test_who_was_forgotten_gets_no_alerts() -> None:
    erased = ("employee-e1", EmployeeErased(employee_id="e1", reason="left"))
    shop = given(erased).after(open_store("s1"))
    get = SetAlertRecipient(store_id="s1", employee_id="e1", email=EMAIL)
    shop.when(get).refused(Erased)


def test_what_was_raised_since_the_last_digest_is_told_once() -> None:
    def tell(after: int, up_to: int) -> TellAlerts:
        return TellAlerts(store_id="s1", after=after, up_to=up_to, raised={"low": 2})

    told = AlertsTold(store_id="s1", after=0, up_to=42, raised={"low": 2})
    a_shop().when(tell(0, 42)).then(("digest-s1", told))
    shop = a_shop(tell(0, 42))
    for again in (tell(0, 42), tell(0, 50), tell(42, 42)):
        shop.when(again).then()


@pytest.mark.parametrize("skus", [(), ("apple", "apple")])
def test_a_look_names_each_item_once(skus: Sequence[str]) -> None:
    looks = tuple(AlertLook(sku=sku) for sku in skus)
    a_shop().when(LookAtStock(store_id="s1", day=TODAY, looks=looks)).refused(InvalidCommand)
