"""Complaints."""

from domain.service.case import CaseAssigned, CaseCommented, CaseOpened, CaseReopened, CaseResolved
from workers.audit_words.telling import words


@words(CaseOpened)
def _(event: CaseOpened) -> str:
    about = [
        f"{thing} {id_}"
        for thing, id_ in (
            ("customer", event.customer_id),
            ("store", event.store_id),
            ("sale", event.sale_id),
        )
        if id_
    ]
    return f"opened, {event.category}" + (f", about {', '.join(about)}" if about else "")


@words(CaseAssigned)
def _(event: CaseAssigned) -> str:
    return f"given to employee {event.employee_id}"


@words(CaseCommented)
def _(event: CaseCommented) -> str:
    return f"commented{f' by employee {event.employee_id}' if event.employee_id else ''}"


@words(CaseResolved)
def _(event: CaseResolved) -> str:
    return f"resolved{f' by employee {event.employee_id}' if event.employee_id else ''}"


@words(CaseReopened)
def _(event: CaseReopened) -> str:
    return f"taken up again{f', employee {event.employee_id}' if event.employee_id else ''}"
