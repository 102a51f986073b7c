"""Targets and scores of staff."""

from domain.staff.target import Measure, TargetEnded, TargetSet
from workers.audit_words.telling import money, words


@words(TargetSet)
def _(event: TargetSet) -> str:
    target = event.target
    goal = (
        money(target.goal, target.currency or "")
        if target.measure is Measure.MONEY
        else f"{target.goal:,} {'sales' if target.measure is Measure.COUNT else 'units'}"
    )
    about = [
        f"{thing} {id_}"
        for thing, id_ in (
            ("store", target.store_id),
            ("employee", target.employee_id),
            ("product", target.sku),
            ("category", target.category),
        )
        if id_
    ]
    return f"{goal} from {target.first} to {target.last}, {', '.join(about) or 'all stores'}"


@words(TargetEnded)
def _(event: TargetEnded) -> str:
    return "ended"
