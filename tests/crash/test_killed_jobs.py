"""kill -9 of the jobs' process in the middle of reactions, reminders and upkeep: all is done, and once."""

import asyncio
import contextlib
import subprocess
import sys
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from procrastinate.exceptions import AlreadyEnqueued

from domain.alerts.digest import AlertsTold
from domain.care.touch import CareSent, CareWithheld, message_id
from domain.promotions.coupon import CouponIssued
from infra.jobs import migrate_jobs
from tests.api.test_coupon_batches import codes
from tests.crash.fuses import Fuses, Victim
from tests.crash.job_phases import ALERT_PHASES, CARE_PHASES, REACTION_PHASES
from tests.support.api import World, add_shop, fresh, line, order, product, receive, sell, world
from tests.support.care import add_customer, set_rule
from tests.support.cases import an_hour_to_answer, opened, told
from tests.support.command_line import REPOSITORY, environment, wait_until
from tests.support.freshness import lot
from tests.support.gateway_server import gateway_server
from tests.support.journals import facts, read_all
from tests.support.routes import soon
from workers.jobs.maintenance import build_app

EXIT_KILLED = -9
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LET_WORKERS_DIE: LiteralString = "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"
DUE_NOW: LiteralString = """
UPDATE procrastinate_jobs
SET scheduled_at = now()
WHERE task_name = 'react' AND args ->> 'reaction' = 'remind_to_pay' AND status = 'todo'
"""
OUTBOX = "SELECT count(*) FROM outbox"
HEADS = "SELECT (SELECT position FROM reactor_head) = (SELECT position FROM journal_head)"
QUEUED = """
SELECT args ->> 'reaction', args ->> 'position'
FROM jobs.procrastinate_jobs
WHERE task_name = 'react'
"""
UNDONE = """
SELECT count(*)
FROM jobs.procrastinate_jobs
WHERE status IN ('todo', 'doing') AND (scheduled_at IS NULL OR scheduled_at <= now())
"""
BY_TYPE = "SELECT originator_id FROM stored_events WHERE topic = %s"
OLD_ANSWERS = "UPDATE commands SET recorded_at = recorded_at - interval '31 days'"
KEPT = "SELECT count(*) FROM commands"


@pytest.fixture
def shop(worker_id: str, tmp_path: Path) -> Generator[World]:
    with world(worker_id, tmp_path / "data") as opened:
        migrate_jobs(opened.tenant.owner_url)
        add_shop(opened)
        assert opened.call("PUT", "/v1/stores/s1/crew/e1", {"capacity": 100}).status_code == 200
        receive(opened, "apple", 1_000)
        yield opened


@pytest.fixture
def fuses(tmp_path: Path) -> Fuses:
    folder = tmp_path / "fuses"
    folder.mkdir()
    return Fuses(folder, tmp_path / "data")


@contextmanager
def jobs(shop: World, fuses: Fuses, **more: str) -> Generator[subprocess.Popen[bytes]]:
    """The jobs' process, as `daybook jobs` runs it, with fuses."""
    settings = {
        **more,
        "database_url": shop.tenant.service_url,
        "data_dir": str(shop.settings.data_dir),
        "log_level": "critical",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "tests.crash.doomed", str(fuses.folder), "jobs"],
        cwd=REPOSITORY,
        env=environment(settings),
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def in_queue(shop: World, *statements: LiteralString) -> None:
    with psycopg.connect(shop.tenant.owner_url) as connection:
        connection.execute("SET search_path = jobs")
        for statement in statements:
            connection.execute(statement)


def add(shop: World, *tasks: str) -> None:
    """Puts upkeep into the queue, which else comes round by the clock."""

    async def put() -> None:
        app = build_app(shop.tenant.service_url)
        async with app.open_async():
            for task in tasks:
                with contextlib.suppress(AlreadyEnqueued):
                    await app.configure_task(task).defer_async(timestamp=0)

    asyncio.run(put())


def count(shop: World, statement: str) -> int:
    ((found,),) = shop.query(statement)
    return found


def is_at_rest(shop: World) -> bool:
    return shop.query(HEADS) == [(True,)] and count(shop, OUTBOX) == count(shop, UNDONE) == 0


def let_the_next_one_take_over(shop: World) -> None:
    """What the dead worker had begun would else be taken up when it has been silent for long enough."""
    in_queue(shop, LET_WORKERS_DIE)
    add(shop, "retry_stalled_jobs")


def once_each(shop: World, type_: str, orders: list[str]) -> None:
    told = Counter(order_id for (order_id,) in shop.query(BY_TYPE, type_))
    assert told == Counter(f"order-{order_id}" for order_id in orders)


def test_reactions_and_reminders_are_carried_out_once_though_the_jobs_are_killed_at_every_phase(
    shop: World, fuses: Fuses
) -> None:
    paid: list[str] = []
    unpaid: list[str] = []
    for phase in REACTION_PHASES:
        fuses.light(phase, Victim.JOBS)
        with jobs(shop, fuses) as process:
            paid.append(order(shop, "paid"))
            unpaid.append(order(shop, customer_id="c1"))
            wait_until(lambda: process.poll() is not None, poll_s=0.02)
            assert (process.returncode, fuses.burns(phase)) == (EXIT_KILLED, False)
        let_the_next_one_take_over(shop)
    with jobs(shop, fuses):
        wait_until(lambda: is_at_rest(shop), poll_s=0.05)
    # Now reminders are due, and the first of them are told though their jobs are not done.
    in_queue(shop, DUE_NOW)
    fuses.light("carried out", Victim.JOBS, passes=3)
    with jobs(shop, fuses) as process:
        wait_until(lambda: process.poll() is not None, poll_s=0.02)
    let_the_next_one_take_over(shop)
    with jobs(shop, fuses):
        wait_until(lambda: is_at_rest(shop), poll_s=0.05)

    once_each(shop, "order.assigned.v1", [*paid, *unpaid])
    once_each(shop, "order.allocated.v1", paid)
    queued = Counter(shop.query(QUEUED))
    assert set(queued.values()) == {1}
    told = Counter((each["kind"], each["about"]) for each in shop.read("/v1/inbox")["data"])
    assert told == Counter(("remind_to_pay", f"order-{order_id}") for order_id in unpaid)


def test_answers_are_forgotten_though_the_jobs_are_killed_meanwhile(shop: World, fuses: Fuses) -> None:
    shop.query(OLD_ANSWERS)
    fuses.light("pruning", Victim.JOBS)
    add(shop, "prune_commands")

    killed_and_taken_over(shop, fuses)

    assert count(shop, KEPT) == 0


def test_each_reservation_of_a_revoked_batch_is_released_once_though_the_jobs_are_killed_between_two(
    shop: World, fuses: Fuses
) -> None:
    batch_id = shop.made("/v1/coupon-campaigns/ten/batches", {"count": 3})["batch_id"]
    for number, (_, code, _) in enumerate(codes(shop, batch_id)):
        hold = {"coupons": [{"code": code}], "reference": f"order-{number}", "until": soon()}
        shop.made("/v1/coupons/reservations", hold)
    shop.post(f"/v1/coupon-batches/{batch_id}/revocation", {"reason": "lost"})
    shop.catch_up()
    fuses.light("releasing", Victim.JOBS)
    add(shop, "release_lapsed_coupons")

    killed_and_taken_over(shop, fuses)

    released = [coupon_id for (coupon_id,) in shop.query(BY_TYPE, "coupon.released.v1")]
    assert sorted(released) == [f"coupon-{batch_id}.{number}" for number in range(3)]


def test_each_lot_expires_once_though_the_jobs_are_killed_in_the_middle_of_the_watch(
    shop: World, fuses: Fuses
) -> None:
    skus = [shop.made("/v1/products", product(fresh("p")))["sku"] for _ in range(2)]
    shop.made("/v1/stores/s1/stock/receipts", {"lines": [lot(sku, "A", -2) for sku in skus]})
    shop.catch_up()
    fuses.light("watching", Victim.JOBS)
    add(shop, "watch_lots")

    def is_looked_at() -> bool:
        """No projector runs here, and the day is done with only when the board has seen all that was told."""
        shop.catch_up()
        add(shop, "watch_lots")
        return shop.query(BY_TYPE, "freshness.lots_watched.v1") != []

    killed_and_taken_over(shop, fuses)
    with jobs(shop, fuses):
        wait_until(is_looked_at, poll_s=0.2)
        wait_until(lambda: is_at_rest(shop), poll_s=0.05)

    told = [stream for (stream,) in shop.query(BY_TYPE, "stock.lot_expired.v1")]
    assert sorted(told) == [f"stock-s1/{sku}" for sku in sorted(skus)]
    assert shop.query(BY_TYPE, "freshness.lots_watched.v1") == [("lotwatch-s1",)]


def test_each_case_is_escalated_and_told_of_once_though_the_jobs_are_killed_in_the_middle(
    shop: World, fuses: Fuses
) -> None:
    """Between one escalation and the other, and between a message and its job."""
    cases = ["q1", "q2"]
    told(shop, [an_hour_to_answer()])
    opened(shop, *cases, minutes_ago=40)
    fuses.light("escalating", Victim.JOBS)
    add(shop, "escalate_cases")

    killed_before_rest(shop, fuses)
    fuses.light("carried out", Victim.JOBS, passes=2)
    killed_and_taken_over(shop, fuses)

    escalated = [stream for (stream,) in shop.query(BY_TYPE, "case.escalated.v1")]
    assert sorted(escalated) == [f"complaint-{case_id}" for case_id in cases]
    messages = [(each["kind"], each["about"]) for each in shop.read("/v1/inbox")["data"]]
    assert sorted(messages) == [("tell_escalation", f"complaint-{case_id}") for case_id in cases]


def test_alerts_are_raised_and_told_once_whenever_the_jobs_are_killed(shop: World, fuses: Fuses) -> None:
    """Between the alert and the follower's position, the digest and its message, the message and its job."""
    at_once = {"thresholds": {"digest_min": 0, "off": ["out"]}}
    assert shop.call("PUT", "/v1/alert-thresholds", at_once, If_Match='"0"').status_code == 200
    sold: list[str] = []

    def is_killed(process: subprocess.Popen[bytes]) -> bool:
        shop.catch_up()
        return process.poll() is not None

    def told() -> list[AlertsTold]:
        return facts(asyncio.run(read_all(shop.tenant)), AlertsTold)

    def is_told() -> bool:
        shop.catch_up()
        return is_at_rest(shop) and sum(each.raised["negative"] for each in told()) == len(sold)

    for phase in ALERT_PHASES:
        fuses.light(phase, Victim.JOBS)
        with jobs(shop, fuses) as process:
            sold.append(shop.made("/v1/products", product(fresh("p")))["sku"])
            sell(shop, line(sold[-1]))
            wait_until(lambda process=process: is_killed(process), poll_s=0.02)
            assert (process.returncode, fuses.burns(phase)) == (EXIT_KILLED, False)
        let_the_next_one_take_over(shop)
    with jobs(shop, fuses):
        wait_until(is_told, poll_s=0.05)

    raised = [stream for (stream,) in shop.query(BY_TYPE, "alert.raised.v1")]
    assert sorted(raised) == sorted(f"alert-s1/{sku}" for sku in sold)
    assert [message["kind"] for message in shop.read("/v1/inbox")["data"]] == ["tell_alerts"] * len(told())


def test_a_birthday_round_killed_at_any_point_sends_each_greeting_once_and_without_consent_none(
    shop: World, fuses: Fuses
) -> None:
    """Between two that are planned, the round and its end, the decision with its coupon and the inbox."""
    today = datetime.now(UTC) + timedelta(hours=8)
    born, born_in = f"--{today:%m-%d}", f"{today:%Y}"
    greeted = [add_customer(shop, f"m{n}", consent="webhook", birthday=born) for n in range(3)]
    silent = add_customer(shop, "silent", consent=None, birthday=born)
    rules: list[str] = []

    def is_killed(process: subprocess.Popen[bytes]) -> bool:
        shop.catch_up()
        return process.poll() is not None

    def is_done() -> bool:
        shop.catch_up()
        return is_at_rest(shop) and len(shop.query(BY_TYPE, "care.round_done.v1")) == len(rules)

    with gateway_server() as gateway:
        for phase in CARE_PHASES:
            rules.append(phase.replace(" ", "-"))
            set_rule(shop, rules[-1], channel="webhook", coupon={"campaign_id": "ten", "valid_days": 7})
            fuses.light(phase, Victim.JOBS)
            add(shop, "keep_care")
            with jobs(shop, fuses, webhook_url=gateway.url, message_secret=SECRET) as process:
                wait_until(lambda process=process: is_killed(process), poll_s=0.02)
                assert (process.returncode, fuses.burns(phase)) == (EXIT_KILLED, False)
            let_the_next_one_take_over(shop)
        add(shop, "keep_care")
        with jobs(shop, fuses, webhook_url=gateway.url, message_secret=SECRET):
            wait_until(is_done, poll_s=0.05)

    entries = asyncio.run(read_all(shop.tenant))
    wanted = {(rule_id, customer_id): 1 for rule_id in rules for customer_id in greeted}
    sent = facts(entries, CareSent)
    assert Counter((event.rule_id, event.customer_id) for event in sent) == wanted
    assert sorted(event.coupon_id for event in facts(entries, CouponIssued)) == sorted(
        str(event.coupon_id) for event in sent
    )
    withheld = [(event.rule_id, event.customer_id) for event in facts(entries, CareWithheld)]
    assert Counter(withheld) == {(rule_id, silent): 1 for rule_id in rules}
    told = Counter((each["about"], each["customer_id"]) for each in shop.read("/v1/inbox")["data"])
    assert told == {(f"care-{rule_id}", customer_id): 1 for rule_id, customer_id in wanted}
    delivered = Counter(taken.message["message_id"] for taken in gateway.taken)
    assert delivered == {message_id(*names, born_in): 1 for names in wanted}


def killed_before_rest(shop: World, fuses: Fuses) -> None:
    with jobs(shop, fuses) as process:
        wait_until(lambda: process.poll() is not None, poll_s=0.02)
        assert process.returncode == EXIT_KILLED
    let_the_next_one_take_over(shop)


def killed_and_taken_over(shop: World, fuses: Fuses) -> None:
    killed_before_rest(shop, fuses)
    with jobs(shop, fuses) as process:
        wait_until(lambda: is_at_rest(shop), poll_s=0.05)
        assert process.poll() is None
