"""The guide's page about personal data works as pasted."""

import shutil
from itertools import pairwise
from pathlib import Path

from tests.docs.documents import GUIDE, blocks
from tests.docs.test_readme import environment, free_port, missing, open_shop, paste, with_curl


def tour() -> list[tuple[str, str]]:
    """What to paste and what it promises to print, block by block."""
    steps = [block for block in blocks(GUIDE / "privacy.md") if block.language in {"sh", "text"}]
    assert [block.language for block in steps] == ["sh", "text"] * (len(steps) // 2)
    return [(pasted.text, promised.text) for pasted, promised in list(pairwise(steps))[::2]]


@with_curl
def test_each_block_prints_what_the_block_below_it_promises(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    settings = environment(data_dir, free_port())
    steps = tour()
    try:
        with open_shop(settings, tmp_path / "log"):
            printed = paste([step for step, _ in steps], settings)
        for (pasted, promised), output in zip(steps, printed, strict=True):
            assert missing(promised, output) is None, f"{pasted}\nprinted\n{output}"
            assert ("urn:daybook:problem:" in output) == ("urn:daybook:problem:" in promised), output
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)  # pytest would keep a database for three runs
