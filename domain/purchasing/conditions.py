"""What must hold of a purchase order before something happens to it, and when all of it has come."""

from collections.abc import Iterable, Mapping

from domain.kernel.errors import InvalidCommand, Refusal
from domain.kernel.stream import States
from domain.purchasing.order import (
    PURCHASE,
    ClosedLine,
    Progress,
    Purchase,
    PurchaseClosed,
    PurchaseDrafted,
    PurchaseStatus,
)

MAX_LINES = 500
MAX_QUANTITY = 10**12
"""What is ordered of a SKU, in its unit: the sums of all orders then fit into 64 bits, whatever it costs."""
ALL_CAME = "received"


class PurchaseNotReady(Refusal):
    """A purchase order in this status can't do that: something else comes first, or it is too late."""

    code = "purchase_not_ready"


class DeliveryExceedsOrder(Refusal):
    """More came than is owed and tolerated. Accept less; what goes back is rejected."""

    code = "delivery_exceeds_order"


class ReturnExceedsDelivery(Refusal):
    """Less has come by the order, or more has gone back already. Return it without naming the order."""

    code = "return_exceeds_delivery"


def require_purchase(states: States, purchase_id: str) -> tuple[Purchase, PurchaseDrafted]:
    """The order and its draft, or NotFound."""
    purchase = states.require(PURCHASE, purchase_id)
    assert purchase.drafted is not None
    return purchase, purchase.drafted


def require_status(purchase: Purchase, wish: str, *allowed: PurchaseStatus) -> None:
    """PurchaseNotReady unless the order is in one of these."""
    if purchase.status not in allowed:
        raise PurchaseNotReady(
            f"It is {purchase.status}. Only a purchase order that is {' or '.join(allowed)} can be {wish}.",
            status=purchase.status.value,
            allowed=[status.value for status in allowed],
        )


def require_lines(skus: list[str]) -> None:
    """InvalidCommand unless there are some, not too many, and each SKU once."""
    if not 0 < len(skus) <= MAX_LINES:
        raise InvalidCommand(f"There are 1 to {MAX_LINES} lines.", lines=len(skus))
    if len(set(skus)) < len(skus):
        twice = sorted({sku for sku in skus if skus.count(sku) > 1})
        raise InvalidCommand("A SKU stands in one line of an order.", skus=twice)


def require_quantity(quantity: int, sku: str) -> None:
    """InvalidCommand for more than anybody orders: a slip of the keyboard."""
    if quantity > MAX_QUANTITY:
        raise InvalidCommand(
            f"An order has at most {MAX_QUANTITY} of a SKU. Check quantity and pack_size.", sku=sku
        )


def require_ordered(purchase: Purchase, skus: Iterable[str]) -> None:
    """InvalidCommand unless all of these are in the order."""
    if strangers := sorted(set(skus) - purchase.progress.keys()):
        raise InvalidCommand("The order has no such lines.", skus=strangers)


def require_came(after: Purchase, skus: Iterable[str]) -> None:
    """ReturnExceedsDelivery where of one of the SKUs more would have gone back than has come."""
    for sku in sorted(set(skus)):
        one = after.progress[sku]
        if one.returned > one.received:
            raise ReturnExceedsDelivery(
                f"Of {sku!r} {one.received} came by this order and {one.returned} would go back. Return"
                " less, or return it without an order.",
                sku=sku,
                received=one.received,
                returned=one.returned,
            )


def is_complete(progress: Mapping[str, Progress], short_bp: int) -> bool:
    """Whether of every line has come what is expected, less what may fall short."""
    return all(
        one.received * 10_000 >= one.expected * (10_000 - short_bp) or one.owed == 0
        for one in progress.values()
    )


def closed(purchase: Purchase, cause: str) -> PurchaseClosed:
    """The event that closes the order, telling what became of each line."""
    drafted = purchase.drafted
    assert drafted is not None
    return PurchaseClosed(
        purchase_id=drafted.purchase_id,
        supplier_id=drafted.supplier_id,
        cause=cause,
        lines=tuple(
            ClosedLine(sku=line.sku, ordered=line.quantity, received=purchase.progress[line.sku].received)
            for line in drafted.lines
        ),
    )
