"""Reading an "Online Retail" file and planning what its lines become: pure, without a database."""

import gzip
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.online_retail import HEADER, REAL_FILE, REAL_FOLDER, line, text_of
from workers.imports.online_retail.fields import FileFormatError
from workers.imports.online_retail.file import LONDON, OnlineRetailFile, read_online_retail
from workers.imports.online_retail.links import LinkedReturn, UnlinkedReason
from workers.imports.online_retail.plan import ImportPlan, plan_import
from workers.imports.online_retail.rules import RejectReason
from workers.imports.online_retail.steps import Cancellation, Correction, Invoice, Step


def read(folder: Path, *lines: str) -> OnlineRetailFile:
    return read_bytes(folder, text_of(*lines))


def read_bytes(folder: Path, content: bytes) -> OnlineRetailFile:
    path = folder / "retail.csv"
    path.write_bytes(content)
    return read_online_retail(path)


def plan(folder: Path, *lines: str) -> ImportPlan:
    return plan_import(read(folder, *lines))


def steps(folder: Path, *lines: str) -> list[Step]:
    return list(plan(folder, *lines).steps())


def the_sale(folder: Path, *lines: str) -> Invoice:
    sales = [step for step in steps(folder, *lines) if isinstance(step, Invoice)]
    assert len(sales) == 1
    return sales[0]


def the_correction(folder: Path, *lines: str) -> Correction:
    corrections = [step for step in steps(folder, *lines) if isinstance(step, Correction)]
    assert len(corrections) == 1
    return corrections[0]


def last_cancellation(folder: Path, *lines: str) -> Cancellation:
    step = steps(folder, *lines)[-1]
    assert isinstance(step, Cancellation)
    return step


def links(cancellation: Cancellation) -> list[tuple[str, int, int, int]]:
    return [
        (part.sale_invoice, part.sale_line_number, part.quantity, part.refund_pence)
        for part in cancellation.linked
    ]


def reasons(cancellation: Cancellation) -> list[UnlinkedReason]:
    return [returned.reason for returned in cancellation.unlinked]


def the_error(folder: Path, content: bytes) -> tuple[int, str | None]:
    with pytest.raises(FileFormatError) as caught:
        read_bytes(folder, content)
    return caught.value.line, caught.value.column


# What is not the format.


def test_an_error_says_line_column_and_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match="line 3, column Quantity: 'six' is not a quantity"):
        read(tmp_path, line(), line(quantity="six"))


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("", "InvoiceNo"),
        ("Invoice,StockCode", "InvoiceNo"),
        (HEADER.replace("UnitPrice", "Price"), "UnitPrice"),
        (HEADER.removesuffix(",Country"), "Country"),
        ("\ufeff" + HEADER, "InvoiceNo"),
    ],
)
def test_another_header_is_an_error_of_line_1(tmp_path: Path, header: str, column: str) -> None:
    assert the_error(tmp_path, f"{header}\n{line()}\n".encode()) == (1, column)


def test_a_ninth_heading_has_no_column_name(tmp_path: Path) -> None:
    assert the_error(tmp_path, f"{HEADER},Till\n".encode()) == (1, None)


def test_an_empty_file_lacks_its_header(tmp_path: Path) -> None:
    assert the_error(tmp_path, b"") == (1, "InvoiceNo")


def test_a_header_alone_is_a_file_without_lines(tmp_path: Path) -> None:
    assert list(plan(tmp_path).steps()) == []


def test_a_line_cut_short_misses_its_first_absent_column(tmp_path: Path) -> None:
    assert the_error(tmp_path, text_of(line(), "536365,22556,PLASTERS,6")) == (3, "InvoiceDate")


def test_a_line_with_a_ninth_field_is_an_error(tmp_path: Path) -> None:
    assert the_error(tmp_path, text_of(line() + ",x")) == (2, "Country")


def test_a_blank_line_is_an_error(tmp_path: Path) -> None:
    assert the_error(tmp_path, text_of(line(), "", line()))[0] == 3


def test_an_unclosed_quote_is_an_error_of_its_own_line(tmp_path: Path) -> None:
    lines = [line(), line(description='"PLASTERS'), *[line()] * 2000]
    assert the_error(tmp_path, text_of(*lines)) == (3, "Description")


def test_a_field_over_two_lines_is_an_error(tmp_path: Path) -> None:
    assert the_error(tmp_path, text_of(line(description='"PLASTERS\nIN TIN"'))) == (2, "Description")


@pytest.mark.parametrize("quantity", ["", "1.0", "six", "0", " 6", "1e3", "9999999999", "٣"])
def test_a_quantity_is_a_whole_number_and_not_zero(tmp_path: Path, quantity: str) -> None:
    assert the_error(tmp_path, text_of(line(quantity=quantity))) == (2, "Quantity")


@pytest.mark.parametrize(
    "at",
    ["", "2010-12-01", "01/12/2010 08:26", "2010-12-01T08:26:00", "2010-13-01 08:26:00", "2010-12-01 08:26"],
)
def test_a_date_is_written_one_way(tmp_path: Path, at: str) -> None:
    assert the_error(tmp_path, text_of(line(at=at))) == (2, "InvoiceDate")


def test_a_bad_date_is_found_on_a_later_line_of_an_invoice(tmp_path: Path) -> None:
    assert the_error(tmp_path, text_of(line(), line(at="later"))) == (3, "InvoiceDate")


@pytest.mark.parametrize("price", ["", "free", "1,5", "£2.55", "1.2345", "1e2", ".5", "NaN", "1000000"])
def test_a_price_is_pounds_with_at_most_three_decimals(tmp_path: Path, price: str) -> None:
    quoted = f'"{price}"' if "," in price else price
    assert the_error(tmp_path, text_of(line(price=quoted))) == (2, "UnitPrice")


@pytest.mark.parametrize("code", ["", " 22556", "22-556", "22/556", "x" * 65])
def test_a_stock_code_can_become_a_sku(tmp_path: Path, code: str) -> None:
    assert the_error(tmp_path, text_of(line(code=code))) == (2, "StockCode")


@pytest.mark.parametrize(
    ("bad", "column"),
    [
        (line(invoice=""), "InvoiceNo"),
        (line(customer="17850 0"), "CustomerID"),
        (line(country=""), "Country"),
        (line(description="PLASTERS\x00"), "Description"),
    ],
)
def test_every_other_field_is_checked_too(tmp_path: Path, bad: str, column: str) -> None:
    assert the_error(tmp_path, text_of(bad)) == (2, column)


def test_an_invoice_has_one_customer(tmp_path: Path) -> None:
    assert the_error(tmp_path, text_of(line(), line(customer="13047"))) == (3, "CustomerID")


def test_an_invoice_has_one_country(tmp_path: Path) -> None:
    assert the_error(tmp_path, text_of(line(), line(country="EIRE"))) == (3, "Country")


def test_what_is_not_utf_8_is_an_error_naming_line_and_column(tmp_path: Path) -> None:
    content = text_of(line(), line(description="VOUCHER £10"), line()).replace("£".encode(), b"\xa3")
    assert the_error(tmp_path, content) == (3, "Description")


def test_a_far_line_is_counted_right(tmp_path: Path) -> None:
    assert the_error(tmp_path, text_of(*[line()] * 5000, line(price="?"))) == (5002, "UnitPrice")


def test_a_truncated_gzip_names_the_line_where_it_breaks(tmp_path: Path) -> None:
    whole = gzip.compress(text_of(*(line(invoice=str(number)) for number in range(20_000))))
    found_line, column = the_error(tmp_path, whole[: len(whole) // 2])
    assert 2 < found_line < 20_002
    assert column is None


def test_a_gzip_with_a_wrong_checksum_is_an_error(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(text_of(line())))
    whole[-8] ^= 1
    assert the_error(tmp_path, bytes(whole))[1] is None


# How the text is read.


def test_gzip_and_plain_text_say_the_same(tmp_path: Path) -> None:
    plain = read(tmp_path, line(), line(code="21730"))
    assert read_bytes(tmp_path, gzip.compress(text_of(line(), line(code="21730")))) == plain


def test_a_winter_time_is_utc(tmp_path: Path) -> None:
    sale = the_sale(tmp_path, line(at="2010-12-01 08:26:00"))
    assert sale.occurred_at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


def test_a_summer_time_is_an_hour_ahead_of_utc(tmp_path: Path) -> None:
    sale = the_sale(tmp_path, line(at="2011-07-01 08:26:00"))
    assert sale.occurred_at == datetime(2011, 7, 1, 7, 26, tzinfo=UTC)


# Sales.


def test_an_invoice_is_one_checkout_of_its_lines(tmp_path: Path) -> None:
    sale = the_sale(tmp_path, line(quantity=6, price="2.55"), line(code="71053", quantity=2, price="3.3"))
    assert [(sold.file_line, sold.sku, sold.quantity, sold.amount_pence) for sold in sale.lines] == [
        (2, "22556", 6, 1530),
        (3, "71053", 2, 660),
    ]


def test_an_interrupted_invoice_is_one_checkout_at_its_first_time(tmp_path: Path) -> None:
    first, second = steps(
        tmp_path,
        line("536365", at="2010-12-01 08:26:00"),
        line("536366", at="2010-12-01 08:26:00"),
        line("536365", at="2010-12-01 08:27:00"),
    )
    assert isinstance(first, Invoice)
    assert (first.number, second.number) == ("536365", "536366")
    assert [sold.file_line for sold in first.lines] == [2, 4]
    assert first.occurred_at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)


def test_an_invoice_of_many_lines_stays_one(tmp_path: Path) -> None:
    assert len(the_sale(tmp_path, *[line()] * 3000).lines) == 3000


def test_an_empty_customer_is_an_unknown_one(tmp_path: Path) -> None:
    assert the_sale(tmp_path, line(customer="")).customer_id is None


def test_an_unpriced_line_of_a_known_customer_is_a_gift(tmp_path: Path) -> None:
    sale = the_sale(tmp_path, line(), line(code="22841", price="0.0"))
    assert [sold.amount_pence for sold in sale.lines] == [165, 0]


def test_an_invoice_of_gifts_alone_is_a_sale_of_nothing_due(tmp_path: Path) -> None:
    sale = the_sale(tmp_path, line(quantity=16, price="0.0"))
    assert [(sold.quantity, sold.amount_pence) for sold in sale.lines] == [(16, 0)]


def test_an_unpriced_line_beside_a_priced_one_is_charged_in_its_sum(tmp_path: Path) -> None:
    sale = the_sale(tmp_path, line(price="0.0", customer=""), line(code="DOT", price="9.54", customer=""))
    assert [(sold.file_line, sold.amount_pence) for sold in sale.lines] == [(2, 0), (3, 954)]


def test_an_unpriced_service_has_no_stock_to_correct_and_is_sold_at_nothing(tmp_path: Path) -> None:
    sale = the_sale(tmp_path, line(code="POST", quantity=1000, price="0.0", customer=""))
    assert [(sold.sku, sold.quantity, sold.amount_pence) for sold in sale.lines] == [("POST", 1000, 0)]


# Stock corrections.


def test_an_unpriced_line_without_customer_corrects_the_stock(tmp_path: Path) -> None:
    correction = the_correction(
        tmp_path, line(quantity=-38, price="0.0", customer="", description="Damages?"), line("536366")
    )
    (adjusted,) = correction.lines
    assert (adjusted.sku, adjusted.quantity, adjusted.cause, adjusted.note) == (
        "22556",
        -38,
        "damaged",
        "Damages?",
    )


def test_a_find_adds_to_the_stock(tmp_path: Path) -> None:
    correction = the_correction(
        tmp_path, line(quantity=56, price="0.0", customer="", description="Found by jackie")
    )
    assert [(adjusted.quantity, adjusted.cause) for adjusted in correction.lines] == [(56, "found")]


@pytest.mark.parametrize("description", ["", "???", "BLUE WATERING CAN"])
def test_a_correction_without_words_or_with_a_products_name_has_no_cause(
    tmp_path: Path, description: str
) -> None:
    correction = the_correction(
        tmp_path,
        line("536364", description="BLUE WATERING CAN"),
        line(price="0.0", customer="", description=description),
    )
    assert [adjusted.cause for adjusted in correction.lines] == ["not stated"]


def test_an_invoice_with_both_is_a_sale_and_then_a_correction(tmp_path: Path) -> None:
    first, second = steps(
        tmp_path, line(quantity=-1, price="0.0", customer=""), line(code="DOT", price="9.54", customer="")
    )
    assert isinstance(first, Invoice)
    assert isinstance(second, Correction)
    assert first.number == second.number
    assert ([s.file_line for s in first.lines], [c.file_line for c in second.lines]) == ([3], [2])


# Rejects.


@pytest.mark.parametrize(
    ("bad", "reason", "amount_thousandths"),
    [
        (line("A563186", "B", 1, "-11062.06"), RejectReason.NEGATIVE_PRICE, -11_062_060),
        (line(code="PADS", quantity=1, price="0.001"), RejectReason.ROUNDS_TO_NOTHING, 1),
        (line(quantity=10, price="0.125"), RejectReason.NOT_IN_PENCE, 1250),
        (line(quantity=-1, price="1.65"), RejectReason.NOT_CANCELLED, -1650),
        (line("C536365", quantity=1, price="1.65"), RejectReason.NOT_A_RETURN, 1650),
        (line(code="POST", quantity=-1, price="0.0", customer=""), RejectReason.NO_STOCK, 0),
    ],
)
def test_a_line_that_the_journal_cannot_carry_is_rejected_alone(
    tmp_path: Path, bad: str, reason: RejectReason, amount_thousandths: int
) -> None:
    planned = plan(tmp_path, line("500000"), bad)
    (reject,) = planned.rejects
    assert (reject.file_line, reject.reason, reject.amount_thousandths) == (3, reason, amount_thousandths)
    assert len(list(planned.steps())) == 1


def test_a_third_decimal_that_pence_can_stand_for_is_sold(tmp_path: Path) -> None:
    (sold,) = the_sale(tmp_path, line(quantity=1, price="2.504")).lines
    assert (sold.unit_price_pence, sold.amount_pence) == (250, 250)


def test_the_file_sums_leave_out_what_the_plan_rejects(tmp_path: Path) -> None:
    sums = plan(tmp_path, line(), line(price="0.001"), line(price="-5.00")).sums
    assert (sums.revenue_pence, sums.rejected_lines, sums.rejected_thousandths) == (165, 2, -4999)


# Returns.


def test_a_cancelled_line_is_linked_to_the_customers_sale_line(tmp_path: Path) -> None:
    returned = last_cancellation(
        tmp_path, line(code="21730"), line(quantity=12), line("C536391", quantity=-5)
    )
    assert links(returned) == [("536365", 2, 5, 825)]


def test_the_sale_line_number_counts_planned_lines_only(tmp_path: Path) -> None:
    returned = last_cancellation(
        tmp_path, line(price="0.001"), line(quantity=12), line("C536391", quantity=-5)
    )
    assert links(returned) == [("536365", 1, 5, 825)]


def test_the_latest_sale_with_enough_left_is_taken(tmp_path: Path) -> None:
    returned = last_cancellation(
        tmp_path,
        line("500001", quantity=12),
        line("500002", quantity=12),
        line("500003", quantity=4),
        line("C500004", quantity=-5),
    )
    assert links(returned) == [("500002", 1, 5, 825)]


def test_what_came_back_cannot_come_back_again(tmp_path: Path) -> None:
    returned = last_cancellation(
        tmp_path, line(quantity=6), line("C536391", quantity=-6), line("C536392", quantity=-1)
    )
    assert reasons(returned) == [UnlinkedReason.MORE_THAN_LEFT]


def test_a_cancellation_larger_than_any_sale_is_split_over_several_from_the_latest_back(
    tmp_path: Path,
) -> None:
    returned = last_cancellation(
        tmp_path,
        line("500001", quantity=6),
        line("500002", quantity=4),
        line("C500003", quantity=-9),
    )
    assert links(returned) == [("500002", 1, 4, 660), ("500001", 1, 5, 825)]
    assert {part.file_line for part in returned.linked} == {4}


def test_a_split_that_does_not_cover_all_links_nothing(tmp_path: Path) -> None:
    returned = last_cancellation(
        tmp_path, line("500001", quantity=6), line("500002", quantity=4), line("C500003", quantity=-11)
    )
    assert (links(returned), reasons(returned)) == ([], [UnlinkedReason.MORE_THAN_LEFT])


def test_a_refused_split_leaves_the_sales_for_later_cancellations(tmp_path: Path) -> None:
    returned = last_cancellation(
        tmp_path,
        line("500001", quantity=6),
        line("C500003", quantity=-11),
        line("C500004", quantity=-6),
    )
    assert links(returned) == [("500001", 1, 6, 990)]


@pytest.mark.parametrize(
    ("earlier", "reason"),
    [
        (line(customer="13047"), UnlinkedReason.NEVER_SOLD),
        (line(code="22556A"), UnlinkedReason.NEVER_SOLD),
        (line(code="21730"), UnlinkedReason.NEVER_SOLD),
        (line(price="1.45"), UnlinkedReason.OTHER_PRICE),
    ],
)
def test_a_return_that_fits_no_sale_is_unlinked_with_the_reason(
    tmp_path: Path, earlier: str, reason: UnlinkedReason
) -> None:
    returned = last_cancellation(tmp_path, earlier, line("C536391", quantity=-1))
    (unlinked,) = returned.unlinked
    assert (unlinked.reason, unlinked.file_line, unlinked.quantity, unlinked.refund_pence) == (
        reason,
        3,
        1,
        165,
    )


def test_a_later_sale_is_no_reason_to_link(tmp_path: Path) -> None:
    returned, _ = steps(tmp_path, line("C536364", quantity=-1), line())
    assert isinstance(returned, Cancellation)
    assert reasons(returned) == [UnlinkedReason.NEVER_SOLD]


def test_an_unknown_customers_return_is_never_linked(tmp_path: Path) -> None:
    returned = last_cancellation(tmp_path, line(customer=""), line("C536391", quantity=-1, customer=""))
    assert reasons(returned) == [UnlinkedReason.NO_CUSTOMER]


def test_a_cancelled_discount_is_an_unlinked_return_of_a_service(tmp_path: Path) -> None:
    planned = plan(tmp_path, line("C536379", "D", -1, "27.5", description="Discount"))
    (returned,) = planned.steps()
    assert isinstance(returned, Cancellation)
    assert [unlinked.refund_pence for unlinked in returned.unlinked] == [2750]
    assert [product.stocked for product in planned.products] == [False]


def test_a_cancellation_can_have_linked_and_unlinked_lines(tmp_path: Path) -> None:
    returned = last_cancellation(
        tmp_path, line(), line("C536391", quantity=-1), line("C536391", "21730", quantity=-1)
    )
    assert (len(returned.linked), len(returned.unlinked)) == (1, 1)


# Tables.


def test_a_product_is_named_as_it_is_mostly_called_on_priced_lines(tmp_path: Path) -> None:
    (product,) = plan(
        tmp_path,
        line(description="PLASTERS"),
        line(description="PLASTERS  IN TIN "),
        line(description="PLASTERS IN TIN"),
        *[line(f"6{number}", price="0.0", customer="", description="check") for number in range(5)],
    ).products
    assert product.name == "PLASTERS IN TIN"


def test_a_product_that_was_never_priced_is_named_by_its_code(tmp_path: Path) -> None:
    (product,) = plan(tmp_path, line(price="0.0", customer="", description="thrown away")).products
    assert (product.name, product.price_pence) == ("22556", 0)


def test_a_products_price_is_its_most_frequent_one(tmp_path: Path) -> None:
    (product,) = plan(tmp_path, line(price="2"), line(price="1.45"), line(price="1.45")).products
    assert product.price_pence == 145


def test_stock_codes_keep_their_case_and_lose_their_blanks(tmp_path: Path) -> None:
    lines = [line(code="85123A"), line(code="85123a"), line(code="BANK CHARGES")]
    products = plan(tmp_path, *lines).products
    assert [product.sku for product in products] == ["85123A", "85123a", "BANK-CHARGES"]
    assert [product.category for product in products] == ["goods", "goods", "services"]


def test_customers_come_in_order_of_first_use_with_their_first_country(tmp_path: Path) -> None:
    planned = plan(
        tmp_path,
        line("1", customer="13047", country="EIRE"),
        line("2", customer=""),
        line("3", customer="12583"),
        line("4", customer="13047", country="France"),
    )
    assert [(known.customer_id, known.country) for known in planned.customers] == [
        ("13047", "EIRE"),
        ("12583", "United Kingdom"),
    ]


@pytest.mark.parametrize(
    ("lines", "opening"),
    [
        ([line("1", quantity=6)], 6),
        ([line("1", quantity=6), line("C2", quantity=-6), line("3", quantity=4)], 6),
        ([line("C1", quantity=-6), line("2", quantity=4)], 0),
        ([line("1", quantity=-3, price="0.0", customer=""), line("2", quantity=4)], 7),
        ([line("1", quantity=3, price="0.0", customer=""), line("2", quantity=4)], 1),
        ([line("1", quantity=6, price="0.001")], 0),
        ([line("1", code="POST", quantity=6)], 0),
    ],
)
def test_the_opening_stock_is_the_least_that_never_runs_out(
    tmp_path: Path, lines: Sequence[str], opening: int
) -> None:
    (product,) = plan(tmp_path, *lines).products
    assert product.opening_quantity == opening


def test_an_invoices_sale_and_its_correction_both_come_out_of_the_opening_stock(tmp_path: Path) -> None:
    (goods,) = plan(
        tmp_path,
        line(quantity=-3, price="0.0", customer=""),
        line(quantity=4, customer=""),
    ).products
    assert goods.opening_quantity == 7


def test_the_file_is_summed_by_month_of_london(tmp_path: Path) -> None:
    months = plan(
        tmp_path,
        line("1", quantity=2, at="2011-05-31 23:59:00"),
        line("2", at="2011-06-01 00:01:00"),
        line("C3", quantity=-1, at="2011-06-02 12:00:00"),
    ).sums.months
    assert [
        (month, sums.lines, sums.invoices, sums.revenue_pence, sums.returns_pence)
        for month, sums in months.items()
    ] == [("2011-05", 1, 1, 330, 0), ("2011-06", 2, 2, 165, 165)]


def test_the_plan_can_be_walked_again(tmp_path: Path) -> None:
    planned = plan(tmp_path, line(quantity=3), line("C2", quantity=-1))
    assert list(planned.steps()) == list(planned.steps())


# The real file.


class Account:
    """What the steps of a plan come to, and the book stock on the way."""

    def __init__(self, planned: ImportPlan) -> None:
        self.uses: Counter[int] = Counter(reject.file_line for reject in planned.rejects)
        self.linked_lines: set[int] = set()
        self.revenue: Counter[str] = Counter()
        self.returns: Counter[str] = Counter()
        self.stock = {
            product.sku: product.opening_quantity for product in planned.products if product.stocked
        }
        self.lowest = dict(self.stock)
        self.sold: dict[tuple[str, int], str] = {}
        for step in planned.steps():
            match step:
                case Invoice():
                    self.sell(step)
                case Cancellation():
                    self.take_back(step)
                case Correction():
                    for adjusted in step.lines:
                        self.uses[adjusted.file_line] += 1
                        self.move(adjusted.sku, adjusted.quantity)

    def move(self, sku: str, quantity: int) -> None:
        if sku in self.stock:
            self.stock[sku] += quantity
            self.lowest[sku] = min(self.lowest[sku], self.stock[sku])

    def sell(self, invoice: Invoice) -> None:
        for number, sold in enumerate(invoice.lines, 1):
            self.uses[sold.file_line] += 1
            self.sold[invoice.number, number] = sold.sku
            self.move(sold.sku, -sold.quantity)
        self.revenue[month_of(invoice)] += sum(sold.amount_pence for sold in invoice.lines)

    def take_back(self, cancellation: Cancellation) -> None:
        linked: set[int] = set()
        for part in cancellation.linked:
            linked.add(part.file_line)
            self.returns[month_of(cancellation)] += part.refund_pence
            self.move(self.sku_of(part), part.quantity)
        for unlinked in cancellation.unlinked:
            self.uses[unlinked.file_line] += 1
            self.returns[month_of(cancellation)] += unlinked.refund_pence
            self.move(unlinked.sku, unlinked.quantity)
        self.uses.update(linked)
        self.linked_lines |= linked

    def sku_of(self, part: LinkedReturn) -> str:
        return self.sold[part.sale_invoice, part.sale_line_number]


def month_of(step: Invoice | Cancellation) -> str:
    return f"{step.occurred_at.astimezone(LONDON):%Y-%m}"


@pytest.mark.skipif(not REAL_FOLDER.exists(), reason=f"the shared data are not at {REAL_FOLDER}")
def test_every_line_of_the_real_file_is_accounted_for_once_and_to_the_penny() -> None:
    planned = plan_import(read_online_retail(REAL_FILE))
    account = Account(planned)

    assert len(account.uses) == planned.sums.lines == 541_909
    assert set(account.uses.values()) == {1}
    assert len(planned.rejects) <= 10
    assert len(account.linked_lines) >= 7100
    sums = planned.sums.months
    assert account.revenue == {month: of_month.revenue_pence for month, of_month in sums.items()}
    assert account.returns == {month: of_month.returns_pence for month, of_month in sums.items()}
    assert sum(reject.amount_thousandths for reject in planned.rejects) == planned.sums.rejected_thousandths
    assert min(account.lowest.values()) >= 0

    # As the docstring of the plan says.
    assert (planned.counts.sale_lines, planned.counts.linked_lines) == (530_517, 7183)
    assert (planned.counts.unlinked_lines, planned.counts.correction_lines) == (2105, 2098)
    assert (planned.counts.sales, planned.counts.cancellations, planned.counts.corrections) == (
        19_974,
        3836,
        2089,
    )
