"""Tax on the lines of a sale."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sales.tax import tax_minor, taxes_minor


@pytest.mark.parametrize(
    ("gross", "rate_bp", "tax"),
    [(2890, 2200, 521), (125, 1000, 11), (109, 900, 9), (0, 2200, 0), (1, 2200, 0)],
)
def test_an_inclusive_price_holds_its_tax_as_the_residue(gross: int, rate_bp: int, tax: int) -> None:
    assert tax_minor(gross, rate_bp, inclusive=True) == tax


@pytest.mark.parametrize(
    ("net", "rate_bp", "tax"), [(2369, 2200, 521), (114, 1000, 11), (50, 900, 5), (0, 2200, 0), (5, 1000, 1)]
)
def test_tax_on_top_is_rounded_half_up(net: int, rate_bp: int, tax: int) -> None:
    assert tax_minor(net, rate_bp, inclusive=False) == tax


@pytest.mark.parametrize("inclusive", [True, False])
def test_a_rate_of_nothing_is_no_tax(inclusive: bool) -> None:
    assert tax_minor(2890, 0, inclusive=inclusive) == 0


WINE_AND_BREAD = ((2_890, 125), (2_200, 1_000))


@pytest.mark.parametrize(("per_document", "taxes"), [(False, [521, 11]), (True, [521, 12])])
def test_a_document_is_rounded_once_over_all_rates(per_document: bool, taxes: list[int]) -> None:
    assert taxes_minor(*WINE_AND_BREAD, inclusive=True, per_document=per_document) == taxes


def test_tax_on_top_is_rounded_once_as_well() -> None:
    # 0.05 of a penny on each of ten lines is half a penny together, and ties go to the earlier line.
    taxes = taxes_minor([1] * 10, [500] * 10, inclusive=False, per_document=True)
    assert taxes == [1, *[0] * 9]


nets = st.lists(st.tuples(st.integers(0, 10**7), st.sampled_from((0, 600, 900, 1_300, 2_200))), max_size=12)


@given(nets, st.booleans())
def test_by_document_no_line_is_a_penny_off_its_own_tax(
    lines: list[tuple[int, int]], inclusive: bool
) -> None:
    taxes = taxes_minor(
        [net for net, _ in lines], [rate for _, rate in lines], inclusive=inclusive, per_document=True
    )
    for tax, (net, rate) in zip(taxes, lines, strict=True):
        exact = Fraction(net * rate, 10_000 + rate if inclusive else 10_000)
        assert abs(tax - exact) < 1
    whole = sum(
        (Fraction(net * rate, 10_000 + rate if inclusive else 10_000) for net, rate in lines), Fraction(0)
    )
    assert abs(sum(taxes) - whole) <= Fraction(1, 2)
