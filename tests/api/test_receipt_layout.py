"""Receipts on paper and as a page: the layouts to the letter, and that no name gets out of its line."""

import unicodedata
from datetime import UTC, datetime
from html.parser import HTMLParser
from textwrap import dedent

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.paper import Paper, printable
from api.receipt_html import receipt_html
from api.receipt_text import receipt_text
from api.receipt_words import CHINESE, ENGLISH, WORDS, rate_text
from domain.checkout.receipt import (
    Receipt,
    ReceiptDiscount,
    ReceiptLine,
    ReceiptPoints,
    ReceiptTender,
)
from domain.kernel.quantity import Unit
from domain.sales.sale import DiscountSource
from domain.tills.totals import TaxTotal
from tests.support.laws import a_law

CHERRIES = ReceiptLine(
    sku="cherry",
    name="Cherries from the northern orchards, first class",
    unit=Unit.GRAM,
    quantity=1235,
    unit_price_minor=1280,
    amount_minor=1581,
    discounts=(ReceiptDiscount(source=DiscountSource.OFFER, name="Autumn 10 %", amount_minor=158),),
    total_minor=1423,
)
TEA = ReceiptLine(
    sku="tea",
    name="明前龙井茶 特级礼盒装",
    unit=Unit.PIECE,
    quantity=2,
    unit_price_minor=1_288_00,
    amount_minor=2_576_00,
    total_minor=2_576_00,
)
SALE = Receipt(
    kind="sale",
    document="x1",
    number=17,
    store_name="主街店 Main Street",
    store_address="上海市黄浦区南京东路一百号",
    register_id="till-1",
    issued_at=datetime(2026, 3, 2, 20, 5, 9, tzinfo=UTC),
    currency="CNY",
    lines=(CHERRIES, TEA),
    subtotal_minor=259_181,
    discount_minor=158,
    tax_included=True,
    taxes=(
        TaxTotal(rate_bp=900, gross_minor=1423, tax_minor=117),
        TaxTotal(rate_bp=1300, gross_minor=257_600, tax_minor=29_635),
    ),
    tax_minor=29_752,
    total_minor=259_023,
    tenders=(
        ReceiptTender(method="wechat", amount_minor=200_000),
        ReceiptTender(method="cash", amount_minor=60_000),
    ),
    change_minor=977,
    points=ReceiptPoints(earned=2590, spent=0),
)
RETURN = Receipt(
    kind="return",
    document="r1",
    number=18,
    store_name="Main Street",
    store_address=None,
    register_id="till-1",
    issued_at=datetime(2026, 3, 3, 9, 0, tzinfo=UTC),
    currency="EUR",
    lines=(
        ReceiptLine(
            sku="wine",
            name="Wine",
            unit=Unit.PIECE,
            quantity=1,
            unit_price_minor=None,
            amount_minor=2369,
            total_minor=2369,
        ),
    ),
    subtotal_minor=2369,
    discount_minor=0,
    tax_included=False,
    taxes=(TaxTotal(rate_bp=2200, gross_minor=2890, tax_minor=521),),
    tax_minor=521,
    total_minor=2890,
    tenders=(ReceiptTender(method="card", amount_minor=2890),),
    of_sale="0198f6a2-7c1e-7d34-9a55-2b7f00c0ffee",
    exchange="x2",
    copy=False,
)


def laid_out(text: str) -> str:
    """The expected lines as they stand here, without the indent of the source."""
    return dedent(text).removeprefix("\n")


def test_a_sale_on_58_mm_in_english() -> None:
    assert receipt_text(SALE, WORDS[ENGLISH], 32) == laid_out(
        """
               主街店 Main Street
           上海市黄浦区南京东路一百号
                  *** COPY ***
        --------------------------------
        Receipt 17           Till till-1
        2026-03-02              20:05:09
        x1
        --------------------------------
        Cherries from the northern
        orchards, first class
          1.235 kg x 12.80/kg      15.81
          Autumn 10 %              -1.58
        明前龙井茶 特级礼盒装
          2 x 1,288.00          2,576.00
        --------------------------------
        Subtotal                2,591.81
        Discounts                  -1.58
        Total CNY               2,590.23
          WeChat                2,000.00
          Cash                    600.00
          Change                    9.77
        --------------------------------
        Tax 9 % in 14.23            1.17
        Tax 13 % in 2,576.00      296.35
        Points earned              2,590
        """
    )


def test_a_sale_on_80_mm_in_chinese() -> None:
    assert receipt_text(SALE, WORDS[CHINESE], 48) == laid_out(
        """
                       主街店 Main Street
                   上海市黄浦区南京东路一百号
                          *** 副本 ***
        ------------------------------------------------
        收据 17                            收银台 till-1
        2026-03-02                              20:05:09
        x1
        ------------------------------------------------
        Cherries from the northern orchards, first class
          1.235 kg x 12.80/kg                      15.81
          Autumn 10 %                              -1.58
        明前龙井茶 特级礼盒装
          2 x 1,288.00                          2,576.00
        ------------------------------------------------
        小计                                    2,591.81
        优惠                                       -1.58
        合计 CNY                                2,590.23
          微信支付                              2,000.00
          现金                                    600.00
          找零                                      9.77
        ------------------------------------------------
        含税 9 % (14.23)                            1.17
        含税 13 % (2,576.00)                      296.35
        获得积分                                   2,590
        """
    )


def test_a_return_with_tax_on_top_and_an_id_that_is_longer_than_its_line() -> None:
    assert receipt_text(RETURN, WORDS[ENGLISH], 32) == laid_out(
        """
                  Main Street
        --------------------------------
        Return 18            Till till-1
        2026-03-03              09:00:00
        r1
        Of sale
        0198f6a2-7c1e-7d34-9a55-2b7f00c0
                                    ffee
        Exchange                      x2
        --------------------------------
        Wine
          1                        23.69
        --------------------------------
        Tax 22 % of 23.69           5.21
        Paid back EUR              28.90
          Card                     28.90
        """
    )


def test_what_was_carried_from_the_return_says_so() -> None:
    even = msgspec.structs.replace(
        SALE, tenders=(ReceiptTender(method="card", amount_minor=259_023, carried=True),), change_minor=0
    )
    assert "  Card (exchange)       2,590.23\n" in receipt_text(even, WORDS[ENGLISH], 32)


def test_yen_have_no_decimals() -> None:
    assert "Total JPY                259,023" in receipt_text(
        msgspec.structs.replace(SALE, currency="JPY"), WORDS[ENGLISH], 32
    )


@pytest.mark.parametrize(("rate_bp", "text"), [(0, "0 %"), (900, "9 %"), (550, "5.5 %"), (2105, "21.05 %")])
def test_a_rate_is_told_in_percent(rate_bp: int, text: str) -> None:
    assert rate_text(rate_bp) == text


def test_an_ambiguous_character_is_wide_on_a_chinese_printer() -> None:
    assert (Paper(32, wide=True).width("…"), Paper(32, wide=False).width("…")) == (2, 1)


def test_a_combining_mark_takes_no_column() -> None:
    assert Paper(32, wide=False).width("x\u0323") == 1


@pytest.mark.parametrize(
    "name",
    [
        "Apple\x1b@\x1bp\x00",  # resets the printer, opens the cash drawer
        "Apple\x1d\x56\x00",  # cuts the paper
        "Apple\r\nTotal CNY 0.00",
        "Apple\u2028Total",
        "\u202eelppA",  # turns the direction of reading
        "Ap\u200bple\ufeff\x9b31m",
    ],
)
def test_a_name_that_steers_the_printer_is_only_a_name(name: str) -> None:
    line = msgspec.structs.replace(TEA, name=name)
    plain = receipt_text(msgspec.structs.replace(SALE, lines=(TEA,)), WORDS[ENGLISH], 32)
    text = receipt_text(msgspec.structs.replace(SALE, lines=(line,)), WORDS[ENGLISH], 32)
    assert len(text.splitlines()) == len(plain.splitlines())
    assert not [letter for letter in text if unicodedata.category(letter)[0] == "C" and letter != "\n"]


ANYTHING = st.text(max_size=80)


def named(name: str, store: str, offer: str, method: str) -> Receipt:
    """The sale with names that somebody chose with care."""
    discounts = (ReceiptDiscount(source=DiscountSource.OFFER, name=offer, amount_minor=1),)
    line = msgspec.structs.replace(CHERRIES, name=name, discounts=discounts)
    return msgspec.structs.replace(
        SALE,
        store_name=store,
        store_address=name,
        document=offer,
        lines=(line,),
        tenders=(ReceiptTender(method=method, amount_minor=1),),
    )


@a_law
@given(ANYTHING, ANYTHING, ANYTHING, ANYTHING, st.sampled_from((32, 48)), st.sampled_from((ENGLISH, CHINESE)))
def test_no_line_is_wider_than_the_paper_whatever_things_are_called(
    name: str, store: str, offer: str, method: str, columns: int, language: str
) -> None:
    words = WORDS[language]
    text = receipt_text(named(name, store, offer, method), words, columns)
    paper = Paper(columns, wide=words.wide)
    assert max(paper.width(line) for line in text.split("\n")) <= columns
    assert not [letter for letter in text if unicodedata.category(letter)[0] == "C" and letter != "\n"]


@a_law
@given(ANYTHING)
def test_nothing_that_can_be_read_is_lost_when_a_name_is_broken(name: str) -> None:
    broken = list(Paper(32, wide=True).broken(name))
    assert "".join("".join(broken).split()) == "".join(printable(name).split())


class Tags(HTMLParser):
    """Which elements a page has, with their attributes, and what stands in it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, tuple[tuple[str, str | None], ...]]] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add((tag, tuple(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def tags(page: str) -> Tags:
    parser = Tags()
    parser.feed(page)
    parser.close()
    return parser


OURS = tags(receipt_html(named("a", "b", "c", "d"), WORDS[ENGLISH])).found
MARKUP = st.text(alphabet=st.sampled_from("<>&\"'/=! scriptonload"), max_size=60)


@a_law
@given(MARKUP, MARKUP, MARKUP, MARKUP)
def test_a_page_has_no_element_that_is_not_ours(name: str, store: str, offer: str, method: str) -> None:
    page = tags(receipt_html(named(name, store, offer, method), WORDS[ENGLISH]))
    assert page.found <= OURS
    assert printable(name) in page.text


def test_a_page_fetches_nothing() -> None:
    page = receipt_html(SALE, WORDS[CHINESE])
    assert not [word for word in ("http", "src", "href", "url(", "<script", "@import") if word in page]


def test_rounding_points_and_gift_cards_are_told_in_the_words_of_the_receipt() -> None:
    points = ReceiptDiscount(source=DiscountSource.POINTS, name="points", amount_minor=500)
    line = msgspec.structs.replace(CHERRIES, discounts=(points,), total_minor=1081)
    receipt = msgspec.structs.replace(
        SALE,
        lines=(line,),
        total_minor=1081,
        rounding_minor=-1,
        tenders=(ReceiptTender(method="gift_card", amount_minor=1080),),
        change_minor=0,
    )
    rows = [" ".join(row.split()) for row in receipt_text(receipt, WORDS[CHINESE], 48).splitlines()]
    assert {"积分抵扣 -5.00", "舍入 -0.01", "礼品卡 10.80"} <= set(rows)
