"""What every line of an "Online Retail" file becomes in the journal: decided here, purely, and once.

The 541,909 lines of 2010-12 to 2011-12 are 530,517 sale lines (417 of them at 0), 7,183 linked returns,
2,105 unlinked returns, 2,098 stock corrections and 6 rejects; the 25,900 invoices 19,974 sales, 3,836
cancellations and 2,089 corrections (one of these beside a sale), and two of which nothing is left.

The rules, in the order in which they are asked:

* A line is rejected where the journal cannot say its money: a negative price (the two of -11,062.06, "Adjust
  bad debt"), an amount that rounds to nothing (the four of 0.001 × 1, the only prices with a third
  decimal), a third decimal that no unit price in pence can stand for (none), or a quantity whose sign
  contradicts its invoice (none).
* On an invoice C… a line is a return. It is linked to earlier sale lines of the same customer, code and
  price: to the latest that has enough left, or else to several from the latest back, if together they have
  enough (47 lines). Otherwise it is unlinked: 1,306 were never sold to the customer, 339 only at another
  price (329 of those would fit by quantity), 77 exceed what is left, 383 have no customer.
* On any other invoice a line with a price is sold.
* A line without price is a gift to a known customer, a sale line at 0 (40), even if all of its invoice
  is (4 invoices). So it is, whoever the customer, beside a line with a price (366): those invoices charge
  many goods in one sum, and their unpriced lines carry the product's name, not a note. Otherwise it corrects
  the stock by its quantity, whose sign is the stock's view: "found" is positive, "damages" negative.
* A service line without price or customer has no stock to correct, so it is a sale line at 0 too (11).

Stock codes are kept as written. 112 of them also occur in lower case ('85123a'; 1,943 lines, none with a
customer, so no link depends on it); those are products of their own.

Execution is in the order of the invoices' first lines, a correction after the sale of its invoice. 43
invoices last into the next minute and one of them (542806) is interrupted by another invoice: each
is one checkout at the time of its first line. None has two customers or countries, or spans two days.
"""

from collections.abc import Iterator

import msgspec

from workers.imports.online_retail.file import FIRST_LINE, FileInvoice, OnlineRetailFile
from workers.imports.online_retail.links import LinkedReturn, Returns, link_returns
from workers.imports.online_retail.rules import (
    NO_CAUSE,
    SERVICE_CODES,
    Fate,
    Fates,
    cause_of,
    fate,
    unit_price_pence,
)
from workers.imports.online_retail.steps import (
    Adjustment,
    Cancellation,
    Correction,
    Invoice,
    PlanCounts,
    PlannedCustomer,
    PlannedLine,
    PlannedProduct,
    Reject,
    Step,
    UnlinkedReturn,
)
from workers.imports.online_retail.sums import FileSums
from workers.imports.online_retail.tables import (
    count_up,
    customers_of,
    priced_descriptions,
    products_of,
    rejects_of,
)


def plan_import(file: OnlineRetailFile) -> "ImportPlan":
    """The plan for a valid file."""
    fates = _fates(file)
    returns = link_returns(file, fates)
    return ImportPlan(
        file=file,
        fates=fates,
        returns=returns,
        products=products_of(file, fates),
        customers=customers_of(file),
        rejects=rejects_of(file, fates),
        counts=count_up(file, fates, returns),
        product_names=frozenset(priced_descriptions(file)),
    )


class ImportPlan(msgspec.Struct, frozen=True, kw_only=True):
    """All that is to be told to the journal, in order, held as the file's columns and a decision per line."""

    file: OnlineRetailFile
    fates: Fates
    returns: Returns
    products: tuple[PlannedProduct, ...]
    customers: tuple[PlannedCustomer, ...]
    rejects: tuple[Reject, ...]
    counts: PlanCounts
    product_names: frozenset[int]
    """Descriptions, by index, that stand on priced lines: on a correction they give no cause."""

    @property
    def sums(self) -> FileSums:
        """What the import must come to, by the file's own account."""
        return self.file.sums

    def steps(self) -> Iterator[Step]:
        """The invoices in the order of their first lines; made on demand, the same every time."""
        skus = [product.sku for product in self.products]
        for invoice in self.file.invoices:
            lines = invoice.lines()
            if invoice.cancels:
                yield from self._cancellation(invoice, lines, skus)
            else:
                yield from self._sale(invoice, lines, skus)
                yield from self._correction(invoice, lines, skus)

    def _sale(self, invoice: FileInvoice, lines: list[int], skus: list[str]) -> Iterator[Invoice]:
        file, fates, sale = self.file, self.fates, Fate.SALE
        sold: list[PlannedLine] = []
        for index in lines:
            if fates[index] is sale:
                quantity = file.quantity[index]
                price_pence = unit_price_pence(file.price_thousandths[index])
                sold.append(
                    PlannedLine(
                        file_line=index + FIRST_LINE,
                        sku=skus[file.code[index]],
                        quantity=quantity,
                        unit_price_pence=price_pence,
                        amount_pence=price_pence * quantity,
                    )
                )
        if sold:
            yield Invoice(
                number=invoice.number,
                occurred_at=invoice.occurred_at,
                customer_id=invoice.customer_id,
                country=invoice.country,
                lines=tuple(sold),
            )

    def _correction(self, invoice: FileInvoice, lines: list[int], skus: list[str]) -> Iterator[Correction]:
        file = self.file
        corrected = [index for index in lines if self.fates[index] is Fate.CORRECTION]
        if not corrected:
            return
        yield Correction(
            number=invoice.number,
            occurred_at=invoice.occurred_at,
            lines=tuple(
                Adjustment(
                    file_line=index + FIRST_LINE,
                    sku=skus[file.code[index]],
                    quantity=file.quantity[index],
                    cause=self._cause(file.description[index]),
                    note=file.descriptions[file.description[index]],
                )
                for index in corrected
            ),
        )

    def _cause(self, description: int) -> str:
        return (
            NO_CAUSE if description in self.product_names else cause_of(self.file.descriptions[description])
        )

    def _cancellation(
        self, invoice: FileInvoice, lines: list[int], skus: list[str]
    ) -> Iterator[Cancellation]:
        file = self.file
        linked: list[LinkedReturn] = []
        unlinked: list[UnlinkedReturn] = []
        for index in lines:
            returned = self.returns.get(index)
            if isinstance(returned, tuple):
                linked.extend(returned)
            elif returned is not None:
                price_pence = unit_price_pence(file.price_thousandths[index])
                unlinked.append(
                    UnlinkedReturn(
                        file_line=index + FIRST_LINE,
                        sku=skus[file.code[index]],
                        quantity=-file.quantity[index],
                        unit_price_pence=price_pence,
                        refund_pence=price_pence * -file.quantity[index],
                        reason=returned,
                    )
                )
        if linked or unlinked:
            yield Cancellation(
                number=invoice.number,
                occurred_at=invoice.occurred_at,
                customer_id=invoice.customer_id,
                country=invoice.country,
                linked=tuple(linked),
                unlinked=tuple(unlinked),
            )


def _fates(file: OnlineRetailFile) -> Fates:
    fates: Fates = [Fate.SALE] * len(file.code)
    services = [code in SERVICE_CODES for code in file.stock_codes]
    for invoice in file.invoices:
        cancels, customer_known = invoice.cancels, invoice.customer_id is not None
        priced_invoice = any(file.price_thousandths[index] > 0 for index in invoice.lines())
        for index in invoice.lines():
            fates[index] = fate(
                cancels=cancels,
                customer_known=customer_known,
                priced_invoice=priced_invoice,
                service=services[file.code[index]],
                quantity=file.quantity[index],
                price_thousandths=file.price_thousandths[index],
            )
    return fates
