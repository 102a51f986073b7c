"""Receipts as a page of their own: no scripts, nothing fetched, every text escaped."""

from html import escape

from api.paper import printable
from api.receipt_rows import Row, heading, sections
from api.receipt_words import Words
from domain.checkout.receipt import Receipt

POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""The page loads nothing and runs nothing, whatever got into it."""

_STYLE = """
body { font: 14px/1.4 ui-monospace, monospace; max-width: 24rem; margin: 1rem auto; padding: 0 1rem; }
p { text-align: center; margin: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; border-top: 1px dashed; margin-top: .5rem; }
td { vertical-align: top; overflow-wrap: anywhere; }
td + td { text-align: right; }
.more td:first-child { padding-left: 1.5rem; }
"""


def receipt_html(receipt: Receipt, words: Words) -> str:
    """The receipt as one HTML document."""
    title = f"{words.kinds[receipt.kind]} {receipt.number}"
    parts = [f"<p>{_text(text)}</p>" for text in heading(receipt, words)]
    parts += [_table(section) for section in sections(receipt, words)]
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="{words.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{_text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _text(text: str) -> str:
    return escape(printable(text))


def _table(rows: list[Row]) -> str:
    told = "\n".join(_row(row) for row in rows)
    return f"<table>\n{told}\n</table>"


def _row(row: Row) -> str:
    kind = ' class="more"' if row.more else ""
    return f"<tr{kind}><td>{_text(row.left)}</td><td>{_text(row.right)}</td></tr>"
