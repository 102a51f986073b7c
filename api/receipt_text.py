"""Receipts as plain text for printers of 58 mm (32 columns) and 80 mm (48 columns)."""

from collections.abc import Iterator

from api.paper import Paper
from api.receipt_rows import heading, sections
from api.receipt_words import Words
from domain.checkout.receipt import Receipt

COLUMNS = {"58mm": 32, "80mm": 48}
_INDENT = 2


def receipt_text(receipt: Receipt, words: Words, columns: int) -> str:
    """The receipt in lines of at most so many columns, each ended by a line feed and by nothing else."""
    paper = Paper(columns, wide=words.wide)
    return "".join(f"{line}\n" for line in _lines(receipt, words, paper))


def _lines(receipt: Receipt, words: Words, paper: Paper) -> Iterator[str]:
    for text in heading(receipt, words):
        yield from paper.centred(text)
    for section in sections(receipt, words):
        yield paper.rule()
        for row in section:
            yield from paper.row(row.left, row.right, _INDENT if row.more else 0)
