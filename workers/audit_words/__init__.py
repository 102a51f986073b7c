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
    leads,
    membership,
    orders,
    people,
    performance,
    promotions,
    segments,
    selling,
    service,
    staff,
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
    "leads",
    "membership",
    "orders",
    "people",
    "performance",
    "promotions",
    "segments",
    "selling",
    "service",
    "staff",
    "stock",
    "told",
]
