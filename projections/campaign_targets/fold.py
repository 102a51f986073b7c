"""campaign_targets: one row a campaign and a customer who was named for it."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domain.kernel.event import AnyRecorded
from domain.promotions.campaign import CustomerTargeted
from projections.kernel.table import Change, Table


class CampaignTarget(msgspec.Struct, frozen=False, kw_only=False):
    """Since when the campaign is for the customer."""

    campaign_id: str
    customer_id: str
    named_at: datetime | None = None


def _fold(row: CampaignTarget, entry: AnyRecorded) -> None:
    row.named_at = entry.recorded_at


CAMPAIGN_TARGETS = Table("campaign_targets", CampaignTarget, keys=2, fold=_fold)


class CampaignTargets:
    """Keyed by campaign and customer."""

    name = "campaign_targets"
    version = 1
    tables = (CAMPAIGN_TARGETS,)
    events = (CustomerTargeted,)

    def changes(self, entry: AnyRecorded) -> Iterable[Change]:
        """The customer's row."""
        yield CAMPAIGN_TARGETS.change((entry.data.campaign_id, entry.data.customer_id), entry)
