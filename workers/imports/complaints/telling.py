"""The file's complaints as commands: each has a name that is the same on every run."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time

import msgspec

from domain.catalog.product import AddProduct
from domain.kernel.command import Command
from domain.kernel.quantity import Unit
from domain.kernel.sealed import Sealed
from domain.service.handling import OpenComplaint, ResolveComplaint
from domain.service.referral import AcceptResolution, DisputeResolution, ReferCase, ReportReferral
from workers.imports.complaints.file import Complaint

ID_LENGTH = 64
DISPUTED = "The consumer disputed the answer."


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A command with its name and the day it is of."""

    name: str
    occurred_at: datetime
    command: Command


class Texts(msgspec.Struct, frozen=True, kw_only=True):
    """The sealed texts of a complaint: others on every run, of the same words."""

    opening: Sealed
    resolution: Sealed
    dispute: Sealed


def case_id(complaint: Complaint) -> str:
    """The complaint's id here."""
    return f"cfpb-{complaint.number}"


def sku_of(product: str) -> str:
    """A product's id: `debt-collection`."""
    return re.sub(r"[^a-z0-9]+", "-", product.lower())[:ID_LENGTH].strip("-")


def cause_of(issue: str) -> str:
    """Its first four words: `incorrect information on your`. Causes have no more."""
    return " ".join(re.findall(r"[a-z]+", issue.lower())[:4]) or "other"


def noon(day: date) -> datetime:
    """The file knows days only."""
    return datetime.combine(day, time(12), UTC)


def a_product(name: str, first: date) -> Told:
    """What complaints are about, as a service that is not sold."""
    sku = sku_of(name)
    command = AddProduct(
        sku=sku,
        name=name,
        category="financial",
        unit=Unit.PIECE,
        price_minor=0,
        currency="USD",
        stocked=False,
    )
    return Told(name=f"product/{sku}", occurred_at=noon(first), command=command)


def tell(complaint: Complaint, texts: Texts) -> Iterator[Told]:
    """What happened to a complaint, in order. What was never closed stays open."""
    id_, name = case_id(complaint), f"complaint/{complaint.number}"
    received, sent = noon(complaint.received), noon(complaint.sent)
    yield Told(
        name=f"{name}/opened",
        occurred_at=received,
        command=OpenComplaint(
            case_id=id_,
            category=cause_of(complaint.issue),
            text=texts.opening,
            sku=sku_of(complaint.product),
            channel=complaint.channel,
        ),
    )
    yield Told(name=f"{name}/sent", occurred_at=sent, command=ReferCase(case_id=id_, to="company"))
    report = ReportReferral(case_id=id_, outcome=complaint.outcome, in_time=complaint.in_time)
    yield Told(name=f"{name}/answered", occurred_at=sent, command=report)
    if not complaint.closed:
        return
    resolve = ResolveComplaint(case_id=id_, text=texts.resolution)
    yield Told(name=f"{name}/closed", occurred_at=sent, command=resolve)
    if complaint.disputed is not None:
        judged = (
            DisputeResolution(case_id=id_, text=texts.dispute)
            if complaint.disputed
            else AcceptResolution(case_id=id_)
        )
        yield Told(name=f"{name}/judged", occurred_at=sent, command=judged)
