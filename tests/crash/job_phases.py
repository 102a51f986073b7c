"""The phases of what the jobs' process does, and which function of the product each one is."""

from collections.abc import Mapping

from infra.tenancy import Tenant
from tests.crash.fuses import Fuses
from tests.crash.phases import Moment, Place, watch_all
from workers import alert_letters, alerts, care_letters
from workers.jobs import care, escalations, freshness, maintenance, reactions
from workers.reactor import Reactor

REACTION_PHASES: Mapping[str, Place] = {
    # What follows from a page is known, and neither row nor position is written.
    "found": Place(Reactor, "_found", fruitful=True),
    # The outbox has the rows; then the queue has them.
    "followed": Place(Reactor, "run_page", fruitful=True),
    "relayed": Place(Reactor, "relay", fruitful=True),
    # A job has begun; its command is decided, or its message told, and the job is not done.
    "begun": Place(reactions, "react", Moment.SENT),
    "carried out": Place(reactions, "react"),
}
UPKEEP_PHASES: Mapping[str, Place] = {
    "pruning": Place(maintenance, "prune_kept_answers", Moment.SENT),
    "releasing": Place(Tenant, "submit"),
    # Of one item of two it is written down that it expired; that the day was looked at is not.
    "watching": Place(freshness, "_look"),
    # One case of two is escalated, and nobody knows of the other.
    "escalating": Place(escalations, "_escalate"),
}
ALERT_PHASES: Mapping[str, Place] = {
    # What was raised is in the journal, and the follower's position is where it was.
    "raised": Place(alerts, "look_at"),
    # A digest is in the journal, and its message is nowhere.
    "digested": Place(alerts.AlertFollower, "tell", fruitful=True),
    # The message is in the inbox, and its job is not done.
    "recorded": Place(alert_letters, "_record"),
}

CARE_PHASES: Mapping[str, Place] = {
    # One of several is planned; all are, and that the day was gone through is not written down.
    "planned": Place(care, "_plan"),
    "gone through": Place(care, "_go_through"),
    # A message is sent by the journal, with its coupon, and is in no inbox; it is there; it has left.
    "decided": Place(care_letters, "_decide"),
    "entered": Place(care_letters, "_record"),
    "left": Place(care_letters, "_send"),
}


def carry_out(fuses: Fuses) -> None:
    """Makes this process heed the fuses."""
    watch_all({**REACTION_PHASES, **UPKEEP_PHASES, **ALERT_PHASES, **CARE_PHASES}, fuses)
