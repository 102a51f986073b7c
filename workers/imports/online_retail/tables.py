"""What is known of an "Online Retail" file as a whole once every line has its fate."""

from collections import Counter

from workers.imports.online_retail.file import FIRST_LINE, OnlineRetailFile
from workers.imports.online_retail.links import Returns
from workers.imports.online_retail.rules import (
    SERVICE_CODES,
    Fate,
    Fates,
    RejectReason,
    sku_of,
    unit_price_pence,
)
from workers.imports.online_retail.steps import (
    GOODS,
    SERVICES,
    PlanCounts,
    PlannedCustomer,
    PlannedProduct,
    Reject,
)


def products_of(file: OnlineRetailFile, fates: Fates) -> tuple[PlannedProduct, ...]:
    """One per stock code, in order of first appearance."""
    names: list[Counter[int]] = [Counter() for _ in file.stock_codes]
    prices: list[Counter[int]] = [Counter() for _ in file.stock_codes]
    seen = Counter(zip(file.code, file.description, file.price_thousandths, strict=True))
    for (code, description, price), count in seen.items():
        if price > 0:
            names[code][description] += count
            prices[code][unit_price_pence(price)] += count
    opening = opening_quantities(file, fates)
    products: list[PlannedProduct] = []
    for code, text in enumerate(file.stock_codes):
        stocked = text not in SERVICE_CODES
        # Of several most frequent ones, most_common keeps the one met first.
        name = file.descriptions[names[code].most_common(1)[0][0]] if names[code] else ""
        products.append(
            PlannedProduct(
                sku=sku_of(text),
                stock_code=text,
                name=name or text,
                category=GOODS if stocked else SERVICES,
                stocked=stocked,
                price_pence=prices[code].most_common(1)[0][0] if prices[code] else 0,
                opening_quantity=opening[code] if stocked else 0,
            )
        )
    return tuple(products)


def priced_descriptions(file: OnlineRetailFile) -> set[int]:
    """The descriptions, by index, under which something was sold or taken back for money."""
    return {
        description
        for description, price in zip(file.description, file.price_thousandths, strict=True)
        if price > 0
    }


def opening_quantities(file: OnlineRetailFile, fates: Fates) -> list[int]:
    """Per code, how far below zero its book stock would sink without any to begin with."""
    level = [0] * len(file.stock_codes)
    lowest = [0] * len(file.stock_codes)
    for invoice in file.invoices:
        corrections: list[int] = []
        for index in invoice.lines():
            decided = fates[index]
            if decided is Fate.SALE or decided is Fate.RETURN:
                # The file writes a returned quantity as negative.
                code = file.code[index]
                level[code] -= file.quantity[index]
                if level[code] < lowest[code]:
                    lowest[code] = level[code]
            elif decided is Fate.CORRECTION:
                corrections.append(index)
        for index in corrections:
            code = file.code[index]
            level[code] += file.quantity[index]
            lowest[code] = min(lowest[code], level[code])
    return [-low for low in lowest]


def customers_of(file: OnlineRetailFile) -> tuple[PlannedCustomer, ...]:
    """In order of their first invoices."""
    countries: dict[str, str] = {}
    for invoice in file.invoices:
        if invoice.customer_id is not None:
            countries.setdefault(invoice.customer_id, invoice.country)
    return tuple(PlannedCustomer(customer_id=id_, country=country) for id_, country in countries.items())


def rejects_of(file: OnlineRetailFile, fates: Fates) -> tuple[Reject, ...]:
    """In the order of the plan."""
    return tuple(
        Reject(
            file_line=index + FIRST_LINE,
            invoice=invoice.number,
            amount_thousandths=file.price_thousandths[index] * file.quantity[index],
            reason=decided,
        )
        for invoice in file.invoices
        for index in invoice.lines()
        if isinstance(decided := fates[index], RejectReason)
    )


def count_up(file: OnlineRetailFile, fates: Fates, returns: Returns) -> PlanCounts:
    """The plan in figures."""
    lines = Counter(fates)
    linked_lines = sum(isinstance(returned, tuple) for returned in returns.values())
    kinds: Counter[frozenset[Fate]] = Counter()
    largest = 0
    for invoice in file.invoices:
        of_invoice = Counter(fates[index] for index in invoice.lines())
        kinds[frozenset(kind for kind in of_invoice if isinstance(kind, Fate))] += 1
        largest = max(largest, of_invoice[Fate.SALE])
    with_correction = kinds[frozenset({Fate.SALE, Fate.CORRECTION})]
    return PlanCounts(
        sale_lines=lines[Fate.SALE],
        linked_lines=linked_lines,
        unlinked_lines=len(returns) - linked_lines,
        correction_lines=lines[Fate.CORRECTION],
        rejected_lines=sum(count for kind, count in lines.items() if isinstance(kind, RejectReason)),
        sales=kinds[frozenset({Fate.SALE})] + with_correction,
        cancellations=kinds[frozenset({Fate.RETURN})],
        corrections=kinds[frozenset({Fate.CORRECTION})] + with_correction,
        sales_with_correction=with_correction,
        rejected_invoices=kinds[frozenset()],
        largest_sale_lines=largest,
    )
