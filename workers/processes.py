"""The long-running processes, each of which `daybook` can run alone: API, projector, sealer, jobs."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import structlog

from infra.process import die_with_parent, give_way
from infra.settings import Settings
from workers.listening import require_free_port

PROGRAM = (sys.executable, "-m", "workers.cli")
"""`daybook`, by the path of the Python that runs it: PATH may know another, or none."""
JOBS_GRACE_S = 5.0
"""A job that runs when the shop closes has so long; then it is stopped, and tried again later."""
JOBS_STOP_LIMIT_S = 7.0
JOBS_RETRY_S = 1.0

log = structlog.get_logger(__name__)


def start_part(part: str, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """A part (a command of `daybook`) as a child that dies with this process, however that ends."""
    parent = os.getpid()
    return subprocess.Popen(  # noqa: S603 - our own program, by its own path
        [*PROGRAM, part],
        env={**os.environ, **environment},
        # granian has a word to say there; ours is the welcome alone.
        stdout=sys.stderr,
        # A Ctrl-C reaches the whole foreground group: the parts must wait until they are told in order.
        start_new_session=True,
        preexec_fn=lambda: die_with_parent(signal.SIGTERM, parent_pid=parent),
    )


def run_api(settings: Settings) -> None:
    """Serves the HTTP API until SIGTERM or SIGINT. The app is named, not imported: no import crosses.

    Raises ListenError.
    """
    serve_app("api.app:create_app", settings)


def serve_app(factory: str, settings: Settings) -> None:
    """Serves an application, named `module:function`, as the API is served. Raises ListenError."""
    from granian.constants import Interfaces, Loops
    from granian.log import LogLevels
    from granian.server import Server

    address = require_free_port(settings)
    _let_children_die_with_us()
    Server(
        factory,
        factory=True,
        address=address,
        port=settings.port,
        interface=Interfaces.ASGI,
        loop=Loops.uvloop,
        workers=1,
        websockets=False,
        log_level=LogLevels.warning,
        workers_kill_timeout=10,
    ).serve()


def _let_children_die_with_us() -> None:
    """granian's worker would outlive a killed granian, and go on listening."""
    forking = [os.getpid()]

    def begin() -> None:
        forking[0] = os.getpid()

    def begun() -> None:
        # Until the worker has its own handler, that of its parent would only note the signal.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        die_with_parent(signal.SIGTERM, parent_pid=forking[0])

    os.register_at_fork(before=begin, after_in_child=begun)


def run_projector(url: str) -> None:
    """Keeps the read models up to the journals until SIGTERM or SIGINT."""
    from workers import projector

    _run_until_told(lambda stop: projector.run(url, stop))


def run_sealer(settings: Settings) -> None:
    """Seals the journals until SIGTERM or SIGINT."""
    from workers import sealer

    url = settings.require_database_url()
    give_way(sealer.PATIENCE)
    _run_until_told(lambda stop: sealer.run(settings, url, stop))


def run_jobs(settings: Settings) -> None:
    """Runs jobs, the indexer of people, the reactor and what raises alerts, until SIGTERM or SIGINT."""
    from procrastinate.exceptions import ConnectorException
    from psycopg import OperationalError
    from psycopg_pool import PoolTimeout

    from workers.alerts import follow_alerts
    from workers.jobs.alerts import add_alert_tasks
    from workers.jobs.care import add_care_tasks
    from workers.jobs.carriers import add_carrier_tasks
    from workers.jobs.coupons import add_coupon_tasks
    from workers.jobs.escalations import add_escalation_tasks
    from workers.jobs.freshness import add_freshness_tasks
    from workers.jobs.gathering import add_gathering_tasks
    from workers.jobs.maintenance import build_app
    from workers.jobs.membership import add_membership_tasks
    from workers.jobs.people import add_people_tasks, follow_people
    from workers.jobs.reactions import add_reaction_task, tenants_at_work
    from workers.jobs.replenishment import add_replenishment_tasks
    from workers.jobs.scoring import add_scoring_tasks
    from workers.jobs.segments import add_segment_tasks
    from workers.jobs.surveys import add_survey_tasks
    from workers.reactions import reactions_of
    from workers.reactor import follow_reactions

    url = settings.require_database_url()
    reactions = reactions_of(settings)

    async def work_once(stop: asyncio.Event) -> None:
        app = build_app(url)
        add_people_tasks(app, settings)
        add_membership_tasks(app, settings)
        add_replenishment_tasks(app, settings)
        add_gathering_tasks(app, settings)
        add_scoring_tasks(app, settings)
        add_alert_tasks(app, settings)
        add_coupon_tasks(app, settings)
        add_freshness_tasks(app, settings)
        add_carrier_tasks(app, settings)
        add_survey_tasks(app, settings)
        add_segment_tasks(app, settings)
        add_care_tasks(app, settings)
        # The tenants that reactions open stay open as long as the worker works, and end with it.
        async with tenants_at_work(settings) as get, app.open_async():
            add_reaction_task(app, get, reactions)
            add_escalation_tasks(app, url, get)
            worker = asyncio.create_task(
                app.run_worker_async(install_signal_handlers=False, shutdown_graceful_timeout=JOBS_GRACE_S)
            )
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait({worker, stopped}, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            if worker.done():
                worker.result()
            worker.cancel()
            # Without a database it would wait for a connection to sign off.
            await asyncio.wait({worker}, timeout=JOBS_STOP_LIMIT_S)
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)

    async def work(stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(follow_people(settings, stop))
            group.create_task(follow_reactions(url, reactions, stop))
            group.create_task(follow_alerts(settings, stop))
            group.create_task(work_on_and_on(stop))

    async def work_on_and_on(stop: asyncio.Event) -> None:
        while not stop.is_set():
            # A worker ends when it loses its connection, with an error or without: upkeep closes no shop.
            try:
                await work_once(stop)
            except (ConnectorException, OperationalError, PoolTimeout) as error:
                log.warning("jobs_interrupted", error=repr(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), JOBS_RETRY_S)

    _run_until_told(work)


def _run_until_told(work: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await work(stop)

    asyncio.run(main())
