"""What an event says, in words that a person reads. Of personal fields only that they are there.

A module a subject; each enters the words of its events where they are imported.
"""

from workers.audit_words import (
    access,
    alerts,
    buying,
    care,
    counts,
    freshness,
    goods,
    membership,
    orders,
    people,
    promotions,
    selling,
    service,
    stock,
)
from workers.audit_words.telling import has_words, told

__all__ = [
    "access",
    "alerts",
    "buying",
    "care",
    "counts",
    "freshness",
    "goods",
    "has_words",
    "membership",
    "orders",
    "people",
    "promotions",
    "selling",
    "service",
    "stock",
    "told",
]
