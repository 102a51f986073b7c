"""Alerts: what somebody should look at, who has, and from where on something is told."""

from domain.alerts.alert import AlertAcknowledged, AlertCleared, AlertRaised
from domain.alerts.digest import AlertsTold
from domain.alerts.policy import AlertRecipientSet, AlertThresholdsSet
from domain.alerts.thresholds import AlertKind
from workers.audit_words.telling import count, words


def _of(kind: AlertKind, lot: str) -> str:
    return kind.value.replace("_", " ") + (f", lot {lot}" if lot else "")


@words(AlertThresholdsSet)
def _(event: AlertThresholdsSet) -> str:
    if event.thresholds is None:
        return "no thresholds of alerts any more"
    said = event.thresholds
    values = ((name, getattr(said, name)) for name in said.__struct_fields__)
    told = ", ".join(f"{name} {value}" for name, value in values if isinstance(value, int))
    off = "" if said.off is None else f", off: {', '.join(said.off) or 'none'}"
    return f"thresholds of alerts: {told or 'none of its own'}{off}"


@words(AlertRecipientSet)
def _(event: AlertRecipientSet) -> str:
    gets = "gets" if event.email is not None else "no longer gets"
    return f"employee {event.employee_id} {gets} the store's alerts by mail"


@words(AlertRaised)
def _(event: AlertRaised) -> str:
    return (
        f"alert {event.number}: {_of(event.kind, event.lot)}, {event.figure:,} against {event.threshold:,},"
        f" {event.quantity:,} there"
    )


@words(AlertAcknowledged)
def _(event: AlertAcknowledged) -> str:
    return f"alert {event.number} acknowledged" + (f": {event.note}" if event.note else "")


@words(AlertCleared)
def _(event: AlertCleared) -> str:
    figure = "not told any more" if event.figure is None else f"{event.figure:,}"
    return f"alert {event.number} is over: {_of(event.kind, event.lot)}, {figure}"


@words(AlertsTold)
def _(event: AlertsTold) -> str:
    kinds = ", ".join(f"{kind.replace('_', ' ')} {number:,}" for kind, number in event.raised.items())
    return f"{count(sum(event.raised.values()), 'alert')} told: {kinds}"
