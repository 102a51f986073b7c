"""The guide's page for auditors works as pasted, and its Python is a second implementation."""

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.docs.documents import GUIDE, Block, blocks
from tests.support.command_line import environment
from tests.support.journals import clerk_of, run
from tests.support.postgres import Tenant, new_tenant, worker_database
from tests.support.read_models import project
from tests.support.shop_day import live, shop_days

PAGE = GUIDE / "audit.md"
LEFT_OUT = "…"
LIMIT_S = 60


@pytest.fixture
def shop(worker_id: str) -> Tenant:
    """A tenant with a past, alone in its database."""
    tenant = new_tenant(worker_database(f"{worker_id}_audit_page"), "shop")

    async def write() -> None:
        async with clerk_of(tenant) as clerk:
            await live(clerk, shop_days(steps=10))

    run(write())
    run(project(tenant))
    return tenant


def pasted(block: Block, folder: Path, settings: dict[str, str]) -> str:
    """What a block prints, run in the folder with our own Python's programs first."""
    program = [sys.executable, "-c"] if block.language == "python" else ["sh", "-euc"]
    variables = environment(settings)
    variables["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{variables['PATH']}"
    done = subprocess.run(
        [*program, block.text],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, f"{block.text}\n{done.stdout}{done.stderr}"
    return done.stdout


def promised(text: str) -> re.Pattern[str]:
    """A text in which … stands for anything."""
    return re.compile(".*".join(map(re.escape, text.split(LEFT_OUT))), re.DOTALL)


def test_the_page_prints_what_it_promises(shop: Tenant, tmp_path: Path) -> None:
    settings = {
        "database_url": shop.service_url,
        "data_dir": str(tmp_path / "data"),
        "tenant": shop.name,
        "log_level": "critical",
    }
    steps = [block for block in blocks(PAGE) if block.language]
    assert {block.language for block in steps} == {"sh", "text", "python"}
    for block, following in pairwise([*steps, Block("", "")]):
        if block.language == "text":
            continue
        told = pasted(block, tmp_path, settings)
        if following.language == "text":
            assert promised(following.text).fullmatch(told), told
