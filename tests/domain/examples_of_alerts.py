"""Examples of what is stored of alerts."""

from datetime import date

from domain.alerts.alert import AlertAcknowledged, AlertCleared, AlertRaised
from domain.alerts.digest import AlertsTold
from domain.alerts.policy import AlertRecipientSet, AlertThresholdsSet
from domain.alerts.thresholds import AlertKind, Thresholds
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed

_EMAIL = Sealed(key_id="k1", subject="employee-e1", place="alert.recipient_set.v1/email", box="Zm9v")
_ALL = Thresholds(
    low=10,
    high=200,
    expiring_days=3,
    slow_days=60,
    dead_days=90,
    margin=2,
    margin_bp=500,
    off=tuple(AlertKind),
    digest_min=30,
)

ALERT_EXAMPLES: dict[type[Event], tuple[Event, ...]] = {
    AlertThresholdsSet: (
        AlertThresholdsSet(thresholds=_ALL),
        AlertThresholdsSet(),
        AlertThresholdsSet(store_id="main"),
        AlertThresholdsSet(sku="apple", thresholds=Thresholds(off=())),
        AlertThresholdsSet(store_id="main", sku="apple", thresholds=Thresholds(low=0)),
    ),
    AlertRecipientSet: (
        AlertRecipientSet(store_id="main", employee_id="e1", email=_EMAIL),
        AlertRecipientSet(store_id="main", employee_id="e1"),
    ),
    AlertRaised: (
        *(
            AlertRaised(
                store_id="main",
                sku="apple",
                number=1,
                kind=kind,
                figure=4,
                threshold=10,
                quantity=4,
                day=date(2026, 3, 2),
            )
            for kind in AlertKind
        ),
        AlertRaised(
            store_id="main",
            sku="apple",
            number=2,
            kind=AlertKind.EXPIRING,
            figure=1,
            threshold=2,
            quantity=7,
            day=date(2026, 3, 2),
            lot="l-17",
            sell_by=date(2026, 3, 3),
        ),
    ),
    AlertAcknowledged: (
        AlertAcknowledged(store_id="main", sku="apple", number=1, note="ordered"),
        AlertAcknowledged(store_id="main", sku="apple", number=1),
    ),
    AlertCleared: (
        AlertCleared(store_id="main", sku="apple", number=2, kind=AlertKind.EXPIRING, lot="l-17", figure=0),
        AlertCleared(store_id="main", sku="apple", number=1, kind=AlertKind.LOW),
    ),
    AlertsTold: (AlertsTold(store_id="main", after=17, up_to=42, raised={"low": 3, "out": 1}),),
}
