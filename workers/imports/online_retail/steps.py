"""What an "Online Retail" file becomes: the records of the plan, from product to reject."""

from datetime import datetime

import msgspec

from workers.imports.online_retail.links import LinkedReturn, UnlinkedReason
from workers.imports.online_retail.rules import RejectReason

GOODS = "goods"
SERVICES = "services"


class PlannedProduct(msgspec.Struct, frozen=True, kw_only=True):
    """One stock code. `name` is the most frequent description of its priced lines, or the code itself.

    `price_pence` is the most frequent price of its lines, 0 if it never had one; each sale line has its own.
    `opening_quantity` is the least that keeps the book stock from going below zero in the order of the plan,
    returned goods being stock again; 0 for services.
    """

    sku: str
    stock_code: str
    name: str
    category: str
    stocked: bool
    price_pence: int
    opening_quantity: int


class PlannedCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """A customer with the country of their first invoice; eight have later ones from another."""

    customer_id: str
    country: str


class PlannedLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A sale line: `amount_pence` is unit price × quantity, and the file's amount to the penny."""

    file_line: int
    sku: str
    quantity: int
    unit_price_pence: int
    amount_pence: int


class UnlinkedReturn(msgspec.Struct, frozen=True, kw_only=True):
    """A cancelled line that no earlier sale fits. Quantity and refund are positive."""

    file_line: int
    sku: str
    quantity: int
    unit_price_pence: int
    refund_pence: int
    reason: UnlinkedReason


class Adjustment(msgspec.Struct, frozen=True, kw_only=True):
    """A stock correction: `quantity` is signed. `note` is the raw text behind the cause, names included."""

    file_line: int
    sku: str
    quantity: int
    cause: str
    note: str


class Invoice(msgspec.Struct, frozen=True, kw_only=True):
    """A checkout. Its total can be 0, where all of it is given away."""

    number: str
    occurred_at: datetime
    customer_id: str | None
    country: str
    lines: tuple[PlannedLine, ...]


class Cancellation(msgspec.Struct, frozen=True, kw_only=True):
    """Returns of one C… invoice. One file line can have several links, together all of its quantity."""

    number: str
    occurred_at: datetime
    customer_id: str | None
    country: str
    linked: tuple[LinkedReturn, ...]
    unlinked: tuple[UnlinkedReturn, ...]


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """Stock adjustments of one invoice; it has the number of the Invoice just before it, if there is one."""

    number: str
    occurred_at: datetime
    lines: tuple[Adjustment, ...]


class Reject(msgspec.Struct, frozen=True, kw_only=True):
    """A line that becomes nothing. `amount_thousandths` of a pound is price × quantity, unrounded."""

    file_line: int
    invoice: str
    amount_thousandths: int
    reason: RejectReason


Step = Invoice | Cancellation | Correction


class PlanCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many there are of what. Every file line is in one of the five `…_lines`.

    Every invoice number is in `sales`, `cancellations`, `corrections` or `rejected_invoices` (nothing left
    of them), and those of `sales_with_correction` in the first and the third.
    """

    sale_lines: int
    linked_lines: int
    unlinked_lines: int
    correction_lines: int
    rejected_lines: int
    sales: int
    cancellations: int
    corrections: int
    sales_with_correction: int
    rejected_invoices: int
    largest_sale_lines: int
