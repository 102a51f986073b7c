"""The reckoning: what the journal holds of the import, against the tables' own sums, to the cent."""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from domain.promotions.campaign import Campaign
from workers.imports.complete_journey.tables import Line, Tables


class CampaignSums(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign as the tables have it and as the journal has it."""

    campaign_id: str
    redemptions: int
    redemptions_in_journal: int
    amount_cents: int
    amount_cents_in_journal: int

    @property
    def agrees(self) -> bool:
        """Whether they are equal to the cent."""
        return (self.redemptions, self.amount_cents) == (
            self.redemptions_in_journal,
            self.amount_cents_in_journal,
        )


class Reconciliation(msgspec.Struct, frozen=True, kw_only=True):
    """All campaigns, the redemptions, and the sample's money.

    `due_cents` is what customers paid; `excess_cents` by how much coupons were worth more than their lines.
    """

    files_sha256: str
    agrees: bool
    redemptions: int
    refused: tuple[str, ...]
    covered: int
    lines: int
    sales_cents: int
    retail_disc_cents: int
    coupon_disc_cents: int
    match_disc_cents: int
    due_cents: int
    excess_cents: int
    lines_with_excess: int
    campaigns: tuple[CampaignSums, ...]


def reconcile(
    tables: Tables,
    covered: Mapping[int, Sequence[Line]],
    amounts_cents: Mapping[int, int],
    journal: Mapping[str, Campaign],
    refused: Sequence[str],
) -> Reconciliation:
    """Compares. `journal` holds the campaigns' states by the tables' ids."""
    uses = Counter(redemption.campaign_id for redemption in tables.redemptions)
    amounts: Counter[str] = Counter()
    for redemption in tables.redemptions:
        amounts[redemption.campaign_id] += amounts_cents[redemption.number]
    campaigns = tuple(
        CampaignSums(
            campaign_id=row.campaign_id,
            redemptions=uses[row.campaign_id],
            redemptions_in_journal=journal[row.campaign_id].redeemed,
            amount_cents=amounts[row.campaign_id],
            amount_cents_in_journal=journal[row.campaign_id].given_minor,
        )
        for row in tables.campaigns
    )
    lines = tables.lines
    sales, coupons = sum(line.sales_cents for line in lines), sum(line.coupon_disc_cents for line in lines)
    due, excess = sum(line.due_cents for line in lines), sum(line.excess_cents for line in lines)
    return Reconciliation(
        files_sha256=tables.digest.hex(),
        agrees=not refused and all(row.agrees for row in campaigns) and due == sales - coupons + excess,
        redemptions=len(tables.redemptions),
        refused=tuple(refused),
        covered=len(covered),
        lines=len(lines),
        sales_cents=sales,
        retail_disc_cents=sum(line.retail_disc_cents for line in lines),
        coupon_disc_cents=coupons,
        match_disc_cents=sum(line.match_disc_cents for line in lines),
        due_cents=due,
        excess_cents=excess,
        lines_with_excess=sum(line.excess_cents > 0 for line in lines),
        campaigns=campaigns,
    )


def as_text(reconciliation: Reconciliation) -> str:
    """The reckoning as a person reads it."""
    done = sum(row.redemptions_in_journal for row in reconciliation.campaigns)
    rows = (
        ("redemptions", f"{reconciliation.redemptions:,} in the tables, {done:,} in the journal"),
        ("refused", f"{len(reconciliation.refused):,}"),
        ("covered lines in the sample", f"of {reconciliation.covered:,} redemptions"),
        ("lines of the sample", f"{reconciliation.lines:,}"),
        ("received by the retailer", _dollars(reconciliation.sales_cents)),
        ("loyalty discount", _dollars(reconciliation.retail_disc_cents)),
        ("coupons", _dollars(reconciliation.coupon_disc_cents)),
        ("matched by the retailer", _dollars(reconciliation.match_disc_cents)),
        ("paid by customers", _dollars(reconciliation.due_cents)),
        (
            "coupons worth more than their line",
            f"{reconciliation.lines_with_excess:,}, by {_dollars(reconciliation.excess_cents)}",
        ),
        ("journal and tables", "equal" if reconciliation.agrees else "DIFFERENT"),
    )
    return "\n".join(f"{name:<36}{value}" for name, value in rows)


def _dollars(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02d}"
