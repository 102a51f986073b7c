"""domain/ imports the standard library's pure part, msgspec and itself: no clock, no random, no I/O.

import-linter forbids what it is told of; this names what is allowed.
"""

import ast
from pathlib import Path

import domain
from tests.support.walks import each

HOUSE = Path(domain.__file__).parent.parent
ALLOWED = {
    "bisect",
    "collections.abc",
    "datetime",
    "enum",
    "functools",
    "hashlib",
    "itertools",
    "math",
    "msgspec",
    "operator",
    "statistics",
    "string",
    "typing",
    "zoneinfo",
}
CLOCKS = {"now", "utcnow", "today", "fromtimestamp"}

every_module = each("path", sorted((HOUSE / "domain").rglob("*.py")))


def imported(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found.add(node.module or "")
    return found


@every_module
def test_a_module_of_the_domain_imports_only_what_is_pure(path: Path) -> None:
    strangers = {
        name for name in imported(ast.parse(path.read_text())) - ALLOWED if name.partition(".")[0] != "domain"
    }

    assert not strangers


@every_module
def test_a_module_of_the_domain_reads_no_clock(path: Path) -> None:
    """Time is given by the caller: `datetime.now()` and its kin stand nowhere."""
    read = {
        node.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS
    }

    assert not read
