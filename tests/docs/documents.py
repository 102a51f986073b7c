"""Reading the documents: their code blocks, tables, links and headings."""

import re
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).parents[2]
GUIDE = REPOSITORY / "docs" / "guide"
DECISIONS = REPOSITORY / "docs" / "decisions"
README = REPOSITORY / "README.md"
README_ZH = REPOSITORY / "README.zh-CN.md"

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^`([^`\s]+)`\n\n```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


class Block(NamedTuple):
    """A fenced block: its language ('' for none) and its text."""

    language: str
    text: str


class File(NamedTuple):
    """A block below a line that is only a path: a new file, or as a diff a change of one that is there."""

    path: str
    language: str
    text: str


def documents() -> list[Path]:
    """Every document of the product."""
    top = (README, README_ZH, REPOSITORY / "CHANGELOG.md")
    return [*top, *sorted((REPOSITORY / "docs").rglob("*.md"))]


def blocks(path: Path) -> list[Block]:
    """The fenced blocks, in order."""
    return [Block(*match) for match in _BLOCK.findall(path.read_text())]


def files(text: str) -> list[File]:
    """The blocks that say to which file they belong, in order."""
    return [File(*match) for match in _FILE.findall(text)]


def patched(text: str, diff: str) -> str:
    """The text with a diff applied, whose parts stand between lines that begin with @@.

    The lines that a part keeps or takes away must stand in the text just once.
    """
    for part in re.split(r"^@@.*\n", diff, flags=re.MULTILINE):
        lines = part.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if line[0] in " -")
        new = "".join(line[1:] for line in lines if line[0] in " +")
        found = f"\n{text}".count(f"\n{old}")
        assert found == 1, f"stands there {found} times:\n{old}"
        text = f"\n{text}".replace(f"\n{old}", f"\n{new}")[1:]
    return text


def table(path: Path, heading: str) -> list[tuple[str, ...]]:
    """The rows of the first table whose first column is headed so, without Markdown's back quotes."""
    lines = iter(path.read_text().splitlines())
    for line in lines:
        if line.startswith(f"| {heading} |"):
            next(lines)  # the rule below the heading
            rows: list[tuple[str, ...]] = []
            for row in lines:
                if not row.startswith("|"):
                    return rows
                rows.append(tuple(cell.strip().replace("`", "") for cell in row.strip("|").split("|")))
            return rows
    raise AssertionError(f"{path.name} has no table headed {heading!r}")


def links(path: Path) -> list[str]:
    """Where the document points, except into the web."""
    text = _BLOCK.sub("", path.read_text())
    return [target for target in _LINK.findall(text) if "://" not in target]


def anchors(path: Path) -> set[str]:
    """The fragments that its headings can be linked by, as code hosts make them."""
    text = _BLOCK.sub("", path.read_text())
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in _HEADING.findall(text)}
