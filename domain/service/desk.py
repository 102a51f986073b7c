"""What a desk does by itself, as its terms say: whom it gives cases to, and whom it escalates them to."""

from collections.abc import Iterable

import msgspec

from domain.kernel.errors import InvalidCommand
from domain.service.kinds import CaseKind, Channel

MAX_PERCENT = 1_000
MAX_LEVELS = 10
MAX_SKILLS_NEEDED = 100


class EscalationLevel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a clock has used so many percent of its goal, the store's staff are told, or an employee.

    `reassigns`: the employee also takes the case over.
    """

    percent: int
    employee_id: str | None = None
    reassigns: bool = False


class SkillNeeded(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Cases of this kind, channel and category need the skill. What is not named may be any."""

    skill: str
    kind: CaseKind | None = None
    channel: Channel | None = None
    category: str | None = None


class Desk(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The levels of escalation, by percent; a level's number is its place, from 1.

    `assigns`: cases of a store are given to its crew, to whoever has the skills that they need.
    """

    escalations: tuple[EscalationLevel, ...] = ()
    assigns: bool = False
    skills: tuple[SkillNeeded, ...] = ()

    def skills_for(self, kind: CaseKind, channel: Channel | None, category: str) -> tuple[str, ...]:
        """Every skill that such a case needs."""
        return tuple(
            sorted(
                {
                    one.skill
                    for one in self.skills
                    if one.kind in (None, kind)
                    and one.channel in (None, channel)
                    and one.category in (None, category)
                }
            )
        )

    def employees(self) -> Iterable[str]:
        """Whom cases are escalated to."""
        return (level.employee_id for level in self.escalations if level.employee_id is not None)


def require_desk(desk: Desk) -> None:
    """InvalidCommand unless its levels rise, and whoever takes a case over is named."""
    percents = [level.percent for level in desk.escalations]
    if percents != sorted(set(percents)) or len(percents) > MAX_LEVELS:
        raise InvalidCommand(f"There are up to {MAX_LEVELS} levels, of rising percent.", percent=percents)
    if any(not 0 < percent <= MAX_PERCENT for percent in percents):
        raise InvalidCommand(f"percent is from 1 to {MAX_PERCENT}.", percent=percents)
    if len(desk.skills) > MAX_SKILLS_NEEDED:
        raise InvalidCommand(f"Up to {MAX_SKILLS_NEEDED} skills are needed.", skills=len(desk.skills))
    if any(level.reassigns and level.employee_id is None for level in desk.escalations):
        raise InvalidCommand("A level that reassigns names the employee_id who takes the case over.")
