"""`daybook audit` as an auditor uses it: to a verified bundle, and what it says of a damaged shop."""

import subprocess
from pathlib import Path

import pytest

from infra.audit.checkpoint import Checkpoint, VerifierKey
from tests.support.audit import SealedShop
from tests.support.command_line import daybook
from tests.support.journals import query, run
from tests.support.postgres import Tenant
from tests.support.read_models import project


class Auditor:
    """Somebody with a command line and a folder."""

    def __init__(self, tenant: Tenant, folder: Path) -> None:
        self.folder = folder
        self.shop = SealedShop(tenant, folder / "checkpoints")
        self.settings = {
            "database_url": tenant.service_url,
            "data_dir": str(folder),
            "tenant": tenant.name,
            "log_level": "critical",
        }

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return daybook(self.settings, "audit", *arguments)

    def told(self, *arguments: str) -> str:
        """What a command that must succeed says."""
        done = self.ask(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def export(self, *options: str) -> Path:
        file = self.folder / f"bundle{'-'.join(options)}.jsonl"
        file.write_text(self.told("export", *options))
        return file

    def head(self) -> int:
        ((position,),) = query(
            self.shop.tenant.owner_url, self.shop.tenant, "SELECT position FROM journal_head"
        )
        return position


@pytest.fixture
def auditor(shop: Tenant, tmp_path: Path) -> Auditor:
    """Of a shop with a past, whose read models are up to it, and of which nothing is sealed yet."""
    run(project(shop))
    return Auditor(shop, tmp_path)


def test_an_auditor_gets_from_nothing_to_a_verified_bundle(auditor: Auditor) -> None:
    note = auditor.told("seal")
    key = auditor.told("public-key").strip()
    assert VerifierKey.parse(key).signed(Checkpoint.parse(note))
    bundle = auditor.export("--from", "3", "--to", "200")
    in_hand = auditor.folder / "checkpoint"
    in_hand.write_text(note)

    # Without a database: from the file alone.
    auditor.settings = {}
    told = auditor.told("verify-bundle", str(bundle), "--public-key", key, "--checkpoint", str(in_hand))

    assert "proven: positions 3 to 200 of daybook-" in told
    assert f"of size {Checkpoint.parse(note).size}, is the beginning of the same history" in told


def test_after_a_rotation_the_key_in_hand_is_still_enough(auditor: Auditor) -> None:
    auditor.told("seal")
    old = auditor.told("public-key").strip()
    new = auditor.told("rotate-key").strip()
    assert auditor.told("public-key").strip() == new != old
    auditor.shop.write(2)
    assert f"key-change {old} {new}\n" in auditor.told("seal")

    auditor.shop.write(2)
    auditor.told("seal")
    run(project(auditor.shop.tenant))
    for key in (old, new):
        assert "0 differ" in auditor.told("verify", "--public-key", key)
    told = auditor.told("verify-bundle", str(auditor.export()), "--public-key", old)
    assert f"which the one given leads to: {new}\n" in told


def test_where_there_is_no_key_none_can_follow(auditor: Auditor) -> None:
    done = auditor.ask("rotate-key")
    assert done.returncode == 1
    assert "seal.key is missing" in done.stderr


def test_a_damaged_bundle_is_refused_with_its_line(auditor: Auditor) -> None:
    auditor.told("seal")
    bundle = auditor.export("--to", "20")
    bundle.write_text(bundle.read_text().replace('"actor":"tester"', '"actor":"nobody"', 1))
    done = auditor.ask("verify-bundle", str(bundle), "--public-key", auditor.told("public-key"))
    assert done.returncode == 1
    assert "are not the events 1 to 20 that the checkpoint has sealed" in done.stderr


def test_everything_is_verified_and_what_is_not_sealed_is_unproven(auditor: Auditor) -> None:
    auditor.told("seal")
    sealed = auditor.head()
    assert f"proven: positions 1 to {sealed:,}\n" in auditor.told("verify")
    auditor.shop.write(2)
    run(project(auditor.shop.tenant))

    told = auditor.told("verify")

    assert f"unproven: 2 events behind position {sealed:,} are not sealed" in told
    assert f"rows at position {sealed + 2:,}, 0 differ" in told
    assert "WRONG" not in told


def test_a_damaged_event_is_named_with_status_1(auditor: Auditor) -> None:
    auditor.told("seal")
    auditor.shop.tamper("UPDATE stored_events SET topic = 'store.opened.v1' WHERE notification_id = 77")
    done = auditor.ask("verify")
    assert done.returncode == 1
    assert "WRONG position 77: the event is not the one that was sealed" in done.stdout


def test_a_damaged_read_model_is_named_with_status_1(auditor: Auditor) -> None:
    auditor.told("seal")
    auditor.shop.tamper(
        "UPDATE stock_levels SET on_hand = on_hand + 1 WHERE sku = 'apple' AND store_id = 's1'"
    )
    done = auditor.ask("verify")
    assert done.returncode == 1
    assert 'WRONG read model {"table":"stock_levels"' in done.stdout


def test_a_checkpoint_in_hand_exposes_a_rewritten_history(auditor: Auditor) -> None:
    """Whoever rewrote it has the key, and made sink and tree anew."""
    in_hand = auditor.folder / "in-hand"
    in_hand.write_text(auditor.told("seal"))
    size = auditor.head()
    auditor.shop.tamper(
        "UPDATE stored_events SET topic = topic || ' ' WHERE notification_id = 5",
        "DELETE FROM audit_tiles",
        "DELETE FROM audit_checkpoints",
        "UPDATE audit_seal SET size = 0",
    )
    auditor.shop.sink.notes.unlink()
    auditor.shop.sink.leaves.unlink()
    auditor.told("seal")

    done = auditor.ask("verify", "--checkpoint", str(in_hand))

    assert done.returncode == 1
    assert f"WRONG the checkpoint in hand, of size {size}, is of another history" in done.stdout


def test_what_changed_is_told_stream_by_stream_in_words(auditor: Auditor) -> None:
    told = auditor.told("diff", "0", "200")
    assert told.startswith("store-s1\n  1 ")
    assert "opened as" in told
    assert "sold 1 line for CNY" in told
    assert told.endswith("streams behind position 0 up to 200\n")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("diff", "3", "2"), "the earlier one first"),
        (("diff", "0", "99999999"), "say two positions from 0 to"),
        (("export",), "Nothing is sealed yet"),
        (("verify-bundle", __file__, "--public-key", "x"), "this is no public key"),
        (("verify", "--checkpoint", __file__), "holds no checkpoint"),
    ],
)
def test_what_can_not_be_done_is_a_line_that_says_why(
    auditor: Auditor, arguments: tuple[str, ...], why: str
) -> None:
    done = auditor.ask(*arguments)
    assert done.returncode == 1
    assert why in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_empty_journal_has_nothing_to_seal(tenant: Tenant, tmp_path: Path) -> None:
    done = Auditor(tenant, tmp_path).ask("seal")
    assert done.returncode == 1
    assert "nothing is sealed" in done.stderr
