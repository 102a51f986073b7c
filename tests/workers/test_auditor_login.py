"""`daybook audit` with nothing of the shop's but an auditor's login to the database."""

import secrets
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from infra.postgres.auditors import add_auditor
from tests.support.audit import SealedShop
from tests.support.command_line import daybook
from tests.support.journals import journal_of, run
from tests.support.postgres import Tenant, new_tenant
from tests.support.read_models import project


class Visitor:
    """An auditor on a machine of their own: an empty data folder, a login, and the shop's public key."""

    def __init__(self, tenant: Tenant, folder: Path) -> None:
        self.folder = folder / "visitor"
        self.shop = SealedShop(tenant, folder / "checkpoints")
        self.key = str(self.shop.signer.key)
        # It begins with the run's name, so that the end of the run finds it.
        login = f"{conninfo_to_dict(tenant.owner_url)['dbname']}_{secrets.token_hex(4)}"
        password = add_auditor(tenant.owner_url, tenant.name, login)
        self.settings = {
            "database_url": make_conninfo(tenant.owner_url, user=login, password=password),
            "data_dir": str(self.folder),
            "tenant": tenant.name,
            "log_level": "critical",
        }

    def told(self, *arguments: str, status: int = 0) -> str:
        done = daybook(self.settings, "audit", *arguments)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stderr if status else done.stdout

    def findings(self, *arguments: str) -> list[str]:
        done = daybook(self.settings, "audit", "verify", "--public-key", self.key, *arguments)
        assert done.returncode == 1
        return [line for line in done.stdout.splitlines() if line.startswith("WRONG")]


@pytest.fixture
def visitor(shop: Tenant, tmp_path: Path) -> Visitor:
    run(project(shop))
    visitor = Visitor(shop, tmp_path)
    visitor.shop.seal()
    return visitor


def test_the_journal_is_verified_and_what_the_login_can_not_check_is_said(visitor: Visitor) -> None:
    told = visitor.told("verify", "--public-key", visitor.key)

    assert "checkpoints are right, kept in the database itself alone" in told
    assert "proven: positions 1 to " in told
    assert "not checked: the checkpoints outside: DAYBOOK_CHECKPOINT_SINK names no folder here\n" in told
    assert "not checked: read models: a replay writes tables, and this login may not\n" in told
    assert "differ" not in told


def test_the_checkpoints_outside_count_where_the_auditor_can_read_them(visitor: Visitor) -> None:
    visitor.settings["checkpoint_sink"] = str(visitor.shop.folder)

    told = visitor.told("verify", "--public-key", visitor.key)

    assert "kept outside the database" in told
    assert "not checked: the checkpoints outside" not in told


def test_a_damaged_event_is_named(visitor: Visitor) -> None:
    visitor.shop.tamper("UPDATE stored_events SET topic = 'store.opened.v1' WHERE notification_id = 77")
    assert "WRONG position 77: the event is not the one that was sealed" in visitor.findings()


def test_a_damaged_snapshot_is_named(visitor: Visitor) -> None:
    topic = journal_of(visitor.shop.tenant).states.snapshot_topics[0]
    visitor.shop.tamper(
        "INSERT INTO snapshots (originator_id, originator_version, topic, state)"
        " VALUES ('stock-s1/apple', 1, %s, '{}') ON CONFLICT DO NOTHING",
        "UPDATE snapshots SET state = '{}' WHERE topic = %s",
        values=(topic,),
    )
    assert (
        "WRONG the snapshot of stock-s1/apple at version 1 is not what its events say" in visitor.findings()
    )


def test_without_a_public_key_there_is_nothing_to_trust(visitor: Visitor) -> None:
    assert "say --public-key" in visitor.told("verify", status=1)
    assert not (visitor.folder / "seal.key").exists()


def test_a_bundle_is_exported_and_verifies(visitor: Visitor) -> None:
    bundle = visitor.folder / "bundle.jsonl"
    visitor.folder.mkdir(exist_ok=True)
    bundle.write_text(visitor.told("export", "--from", "3"))

    assert "proven: positions 3 to " in visitor.told(
        "verify-bundle", str(bundle), "--public-key", visitor.key
    )


def test_what_changed_is_told(visitor: Visitor) -> None:
    assert visitor.told("diff", "0", "20").startswith("store-s1\n  1 ")


@pytest.mark.parametrize("command", [("verify", "--public-key", "x"), ("export",), ("diff", "0", "1")])
def test_the_login_opens_no_other_tenant(visitor: Visitor, command: tuple[str, ...]) -> None:
    new_tenant(visitor.shop.tenant.database, "neighbour")
    visitor.settings["tenant"] = "neighbour"

    told = visitor.told(*command, status=1)

    assert "may not do this with the tenant 'neighbour'" in told
    assert told.count("\n") == 1


def test_a_login_that_only_reads_seals_nothing(visitor: Visitor) -> None:
    assert "writes nothing" in visitor.told("seal", status=1)
    assert not (visitor.folder / "seal.key").exists()
