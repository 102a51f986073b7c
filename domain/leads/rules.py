"""Follow-up rules: which task comes by itself when a lead has come to a stage, or another task is done.

The task is opened in the decision that leads to it: there is one for each time, whatever breaks meanwhile.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import InvalidCommand
from domain.kernel.event import Event
from domain.kernel.stream import States, StreamKind, require_version
from domain.leads.lead import LEAD, FollowUpPlanned, Lead, LeadStage
from domain.leads.task import TASK, TaskOpened

BOOK = "book"
"""The one stream of its kind."""
MAX_RULES = 100
MAX_DAYS = 366


class FollowUpRule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a lead has come to a stage (`on`), or the task of a rule is done (`after`), this is to be done.

    `in_days` from then. It is for whoever has the lead.
    """

    rule: str
    action: str
    in_days: int
    on: LeadStage | None = None
    after: str | None = None


class FollowUpRulesSet(Event, frozen=True, kw_only=True, omit_defaults=True):
    """From now on these rules count, and no others."""

    TYPE: ClassVar = "followup.rules_set.v1"
    rules: tuple[FollowUpRule, ...] = ()


class FollowUpRules(msgspec.Struct, frozen=True, kw_only=True):
    """The rules that count. `version` is how often they were set."""

    rules: tuple[FollowUpRule, ...] = ()
    version: int = 0


def evolve(state: FollowUpRules, event: Event) -> FollowUpRules:
    """The rules after `event`."""
    if not isinstance(event, FollowUpRulesSet):
        return state
    return FollowUpRules(rules=event.rules, version=state.version + 1)


RULES = StreamKind("followups", FollowUpRules(), evolve)


class RulesVersion(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a change: the version that counts now."""

    version: int


class SetFollowUpRules(Command, frozen=True, kw_only=True):
    """Sets which tasks come by themselves. Tasks that are there stay."""

    RESULT: ClassVar = RulesVersion

    rules: tuple[FollowUpRule, ...]
    expected: int | None = None

    def streams(self) -> Iterable[str]:
        return (RULES.stream(BOOK),)

    def decide(self, states: States, at: Moment) -> Decision:
        before = states.of(RULES, BOOK)
        require_version(before.version, self.expected)
        _check(self.rules)
        if before.version and before.rules == self.rules:
            return Decision(events=(), result=RulesVersion(version=before.version))
        fact = FollowUpRulesSet(rules=self.rules)
        return Decision(events=((RULES.stream(BOOK), fact),), result=RulesVersion(version=before.version + 1))


def _check(rules: Sequence[FollowUpRule]) -> None:
    if len(rules) > MAX_RULES:
        raise InvalidCommand(f"At most {MAX_RULES} rules count at a time.", rules=len(rules))
    names = [rule.rule for rule in rules]
    if len(set(names)) < len(names):
        raise InvalidCommand("Two rules have the same name.", rules=names)
    for rule in rules:
        if (rule.on is None) == (rule.after is None):
            raise InvalidCommand("A rule says either on which stage, or after which rule.", rule=rule.rule)
        if rule.after is not None and rule.after not in names:
            raise InvalidCommand("A rule comes after one that there is.", rule=rule.rule, after=rule.after)
        if not 0 <= rule.in_days <= MAX_DAYS:
            raise InvalidCommand(f"in_days is from 0 to {MAX_DAYS}.", rule=rule.rule, in_days=rule.in_days)


def rules_on(states: States, stage: LeadStage) -> Sequence[FollowUpRule]:
    """Those that ask for something when a lead has come to the stage."""
    return [rule for rule in states.of(RULES, BOOK).rules if rule.on is stage]


def rules_after(states: States, done: str | None) -> Sequence[FollowUpRule]:
    """Those that ask for something when the task of a rule is done."""
    return [rule for rule in states.of(RULES, BOOK).rules if done is not None and rule.after == done]


def streams_of_plans(lead: Lead, lead_id: str, rules: Sequence[FollowUpRule]) -> Iterable[str]:
    """Where the tasks will stand."""
    first = len(lead.planned) + 1
    return [TASK.stream(_task_id(lead_id, first + number)) for number in range(len(rules))]


def plans(lead: Lead, lead_id: str, rules: Sequence[FollowUpRule], at: Moment) -> Iterable[tuple[str, Event]]:
    """The tasks that rules ask for about the lead as it is now, and the lead's notes of them."""
    assert lead.opened is not None
    for number, rule in enumerate(rules, len(lead.planned) + 1):
        task_id = _task_id(lead_id, number)
        yield LEAD.stream(lead_id), FollowUpPlanned(lead_id=lead_id, task_id=task_id, rule=rule.rule)
        opened = TaskOpened(
            task_id=task_id,
            store_id=lead.opened.store_id,
            subject=LEAD.stream(lead_id),
            action=rule.action,
            due_at=at.recorded_at + timedelta(days=rule.in_days),
            customer_id=lead.opened.customer_id,
            employee_id=lead.employee_id,
            rule=rule.rule,
        )
        yield TASK.stream(task_id), opened


def _task_id(lead_id: str, number: int) -> str:
    return f"{lead_id}.{number}"
