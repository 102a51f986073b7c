"""`python -m api.openapi` freezes the API's description in api/openapi.json; `--check` compares.

The frozen file makes every change of the contract visible in a review.
"""

import difflib
import sys
from pathlib import Path

from api.app import bare_app
from api.description import document, encoded
from infra.settings import Settings

FROZEN = Path(__file__).with_name("openapi.json")


def current() -> bytes:
    """The description of the API as the code has it."""
    return encoded(document(bare_app(Settings().max_body_bytes)))


def difference(frozen: bytes, now: bytes) -> str:
    """What changed, as a unified diff; empty where nothing did."""
    return "".join(
        difflib.unified_diff(
            frozen.decode().splitlines(keepends=True),
            now.decode().splitlines(keepends=True),
            str(FROZEN.name),
            "as the code has it",
        )
    )


def main(arguments: list[str]) -> int:
    """Writes the file, or with --check says what would change; the exit code is 1 if anything would."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m api.openapi [--check]\n")
        return 2
    if not arguments:
        FROZEN.write_bytes(current())
        return 0
    changed = difference(FROZEN.read_bytes() if FROZEN.exists() else b"", current())
    if changed:
        sys.stderr.write(
            f"{changed}\nThe API differs from api/openapi.json: run python -m api.openapi and commit.\n"
        )
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
