"""The guide's page about access, followed: its calls are pasted into shells, one person after another."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.docs.documents import GUIDE, blocks
from tests.support.api import Json, add_shop, card, line, sell, world
from tests.support.people import signed_in
from tests.support.served import served

CALLS = [block.text for block in blocks(GUIDE / "access.md") if block.language == "sh"]
MADE_BY = ("createKey", "addUser", "signIn", "changePassword", "defineRole", "grantApproval", "returnLines")

with_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="the page is pasted with curl")


def pasted(call: str, variables: dict[str, str]) -> Json:
    """What the call answers."""
    shell = subprocess.run(
        ["/bin/sh", "-e", "-c", call],
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(shell.stdout)


@with_curl
def test_the_page_works_as_pasted(worker_id: str, tmp_path: Path) -> None:
    with world(worker_id, tmp_path) as shop, served(shop, tmp_path / "log") as api:
        add_shop(shop)
        calls = dict(zip(MADE_BY, CALLS, strict=True))
        known = {"API": api.url, "KEY": shop.key, "TENANT": shop.tenant.name}

        assert pasted(calls["createKey"], known)["key"].startswith("dbk_")

        bob = pasted(calls["addUser"], known)
        known["PASSWORD"] = bob["one_time_password"]
        known["TOKEN"] = pasted(calls["signIn"], known)["token"]
        assert pasted(calls["changePassword"], known)["sessions_ended"] == 1

        assert pasted(calls["defineRole"], known)["limits"] == {
            "refund": {"CNY": 5000},
            "discount": 0,
            "over_short": {},
            "pay_out": {},
            "drop": {},
            "card_load": {},
            "credit": {},
            "void": {},
            "shift_voids": {},
            "compensation": {},
        }

        sale = sell(shop, line("apple", 30), tenders=[card(30_000)])
        known |= {
            "SALE": sale["sale_id"],
            "MANAGER": signed_in(shop, "manager", store_id="s1").token,
            "CASHIER": signed_in(shop, "cashier", store_id="s1").token,
            "APPROVAL": "none",
        }
        assert pasted(calls["returnLines"], known)["code"] == "not_found"
        known["APPROVAL"] = pasted(calls["grantApproval"], known)["approval_id"]
        assert pasted(calls["returnLines"], known)["total"] == {"amount": 30_000, "currency": "CNY"}
