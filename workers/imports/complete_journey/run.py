"""`daybook import complete-journey DIR`: campaigns, coupons and redemptions by the same rules as in the shop.

It can be killed at any moment and started again: every command has a name that is the same on every run, so
what was accepted before is recognised. The first one stands for the files: where the tenant holds others,
nothing else is told.
"""

import asyncio
import csv
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path

import click
import msgspec

from domain.kernel.errors import Refusal
from domain.promotions.campaign import CAMPAIGN
from domain.promotions.coupon import MAX_COUPONS_PER_ISSUE, CouponIssued, IssueCoupons, NewCoupon
from infra.crypto.master_key import MasterKey
from infra.errors import OperatorError
from infra.event_store.submission import CommandReused, Origin, OutcomeUnknown
from infra.postgres.migrate import TenantExists, create_tenant, migrate
from infra.settings import Settings
from infra.tenancy import Tenant, open_tenant
from workers.database import Database, database
from workers.imports.complete_journey.reconciliation import Reconciliation, as_text, reconcile
from workers.imports.complete_journey.tables import Tables, read_tables
from workers.imports.complete_journey.telling import (
    Told,
    amounts_cents,
    at_noon,
    code_of,
    covered,
    found,
    in_order,
    redeemed,
)
from workers.progress import Meter, meter

AT_ONCE = 500
"""Commands on their way together: enough for a full batch of the clerk."""


class ImportRefused(OperatorError):
    """The journal did not take a command of the import."""


def import_folder(settings: Settings, folder: Path) -> bool:
    """Imports the tables and reconciles. True if the journal agrees with them to the cent.

    OperatorError, before anything is written, if they aren't such tables. The reconciliation, and the lines
    whose coupon is worth more than they are, are kept under data_dir/imports/TENANT/complete-journey.
    """
    tables = read_tables(folder)
    kept = settings.data_dir / "imports" / settings.tenant / "complete-journey"
    with database(settings) as connections:
        migrate(connections.owner, connections.keys_owner)
        with suppress(TenantExists):
            create_tenant(connections.owner, settings.tenant)
        reconciliation = asyncio.run(_import(settings, connections, tables))
    kept.mkdir(parents=True, exist_ok=True)
    _write_excess(kept / "coupons_above_their_line.csv", tables)
    (kept / "reconciliation.json").write_bytes(msgspec.json.format(msgspec.json.encode(reconciliation)))
    click.echo(as_text(reconciliation))
    click.echo(f"Kept in {kept}: reconciliation.json, coupons_above_their_line.csv")
    return reconciliation.agrees


async def _import(settings: Settings, connections: Database, tables: Tables) -> Reconciliation:
    master = MasterKey.of_settings(settings, connections.keys, settings.tenant)
    lines = covered(tables)
    amounts = amounts_cents(tables, lines)
    async with open_tenant(connections.service, connections.keys, master, settings.tenant) as tenant:
        with meter("founding", "commands") as progress:
            first, *rest = found(tables)
            await _take_all(tenant, [first], progress, tables.digest)
            await _take_all(tenant, rest, progress)
        with meter("coupons", "codes") as progress:
            await _issue(tenant, tables, progress)
        with meter("redemptions", "redemptions") as progress:
            refused = await _redeem(tenant, tables, amounts, progress)
        journal = {
            row.campaign_id: await tenant.state_of(CAMPAIGN, f"cj-{row.campaign_id}")
            for row in tables.campaigns
        }
        return reconcile(tables, lines, amounts, journal, refused)


async def _take_all(tenant: Tenant, told: Iterable[Told], progress: Meter, digest: bytes = b"") -> None:
    """Has the journal take them all. ImportRefused for the first that it doesn't take."""
    everything = list(told)
    for done, some in _in_pieces(everything):
        for one, outcome in zip(some, await _submit(tenant, some, digest), strict=True):
            if isinstance(outcome, CommandReused):
                raise ImportRefused(
                    "Other files were imported into this tenant; choose one for these with DAYBOOK_TENANT."
                )
            if outcome is not None:
                raise ImportRefused(f"{one.name} was refused: {outcome.detail} ({outcome.code})")
        progress.update(done, len(everything))


async def _redeem(tenant: Tenant, tables: Tables, amounts: Mapping[int, int], progress: Meter) -> list[str]:
    """Tells the redemptions in order; those that the rules refuse, each with its reason."""
    everything = [
        redeemed(
            redemption,
            tenant.vault.coupon_id(code_of(redemption.campaign_id, redemption.coupon_upc)),
            amounts[redemption.number],
        )
        for redemption in in_order(tables)
    ]
    refused: list[str] = []
    for done, some in _in_pieces(everything):
        outcomes = await _submit(tenant, some)
        refused += [
            f"{one.name}: {outcome.detail} ({outcome.code})"
            for one, outcome in zip(some, outcomes, strict=True)
            if outcome is not None
        ]
        progress.update(done, len(everything))
    return refused


async def _issue(tenant: Tenant, tables: Tables, progress: Meter) -> None:
    by_campaign: dict[str, list[str]] = {}
    for campaign_id, upc in sorted(tables.products):
        by_campaign.setdefault(campaign_id, []).append(code_of(campaign_id, upc))
    done, total = 0, len(tables.products)
    for row in tables.campaigns:
        left = iter(by_campaign.get(row.campaign_id, ()))
        while codes := list(islice(left, MAX_COUPONS_PER_ISSUE)):
            command = await _sealed(tenant, f"cj-{row.campaign_id}", codes)
            told = Told(f"coupons/{codes[0]}", at_noon(row.first_day), command)
            # The boxes are others on every run; the codes are the same.
            (outcome,) = await _submit(tenant, [told], content=msgspec.json.encode(codes))
            if outcome is not None:
                raise ImportRefused(f"{told.name} was refused: {outcome.detail} ({outcome.code})")
            done += len(codes)
            progress.update(done, total)


async def _sealed(tenant: Tenant, campaign_id: str, codes: Iterable[str]) -> IssueCoupons:
    places = {f"{CouponIssued.TYPE}/code/{tenant.vault.coupon_id(code)}": code for code in codes}
    boxes = await tenant.vault.seal_all(CAMPAIGN.stream(campaign_id), places)
    coupons = tuple(NewCoupon(coupon_id=place.rpartition("/")[2], code=box) for place, box in boxes.items())
    return IssueCoupons(campaign_id=campaign_id, coupons=coupons)


async def _submit(
    tenant: Tenant, some: Iterable[Told], digest: bytes = b"", content: bytes | None = None
) -> list[Refusal | None]:
    """The refusals, None for what was accepted now or before. Any other failure is raised."""
    waiting = [tenant.clerk.submit(told.command, _origin(tenant, told, digest, content)) for told in some]
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, OutcomeUnknown):
            raise OperatorError("The database went away: run the import again, and it goes on.") from outcome
        if isinstance(outcome, BaseException) and not isinstance(outcome, Refusal):
            raise outcome
    return [outcome if isinstance(outcome, Refusal) else None for outcome in outcomes]


def _origin(tenant: Tenant, told: Told, digest: bytes, content: bytes | None) -> Origin:
    name = f"complete-journey/{told.name}"
    told_as = msgspec.json.encode(told.command) if content is None else content
    return Origin(
        command_id=name,
        actor="import",
        channel="import",
        occurred_at=told.occurred_at,
        fingerprint=tenant.vault.fingerprint(name.encode(), told_as, digest),
    )


def _in_pieces(everything: list[Told]) -> Iterator[tuple[int, list[Told]]]:
    for start in range(0, len(everything), AT_ONCE):
        some = everything[start : start + AT_ONCE]
        yield start + len(some), some


def _write_excess(path: Path, tables: Tables) -> None:
    """Writes the lines whose coupon is worth more than they are: what is due of them is nothing, not less."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("line", "household_id", "basket_id", "product_id", "sales_cents", "coupon_disc_cents"))
        for line in tables.lines:
            if line.excess_cents:
                rows.writerow(
                    (
                        line.number,
                        line.household_id,
                        line.basket_id,
                        line.product_id,
                        line.sales_cents,
                        line.coupon_disc_cents,
                    )
                )
