"""A new master key takes over while the shop is open; nothing that was sealed is lost, whoever is killed."""

import asyncio
import base64
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from domain.kernel.sealed import Sealed
from infra.crypto import rotation
from infra.crypto.master_key import KEY_BYTES, MasterKey, MasterKeyError, keys_in, new_master_key, put_first
from infra.crypto.rotation import CannotRotate, begin_rotation, rewrap
from infra.crypto.vault import SubjectErased, Vault
from infra.postgres.pools import connector, pool
from infra.settings import Settings
from tests.support.journals import query, run
from tests.support.postgres import Tenant

PLACE = "customer.registered.v1/phone"
WRAPPED = """
SELECT wrapped_key FROM daybook_keys.subject_keys WHERE tenant = %s
UNION ALL
SELECT wrapped_key FROM daybook_keys.tenant_keys WHERE tenant = %s
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of a master key."""
    MasterKey.load_or_create(tmp_path / "master.key")
    return tmp_path / "master.key"


@asynccontextmanager
async def vault_of(tenant: Tenant, file: Path) -> AsyncGenerator[Vault]:
    """A vault that read the file now, as each process does when it starts."""
    async with pool(tenant.service_url) as keys:
        vault = Vault(keys, MasterKey.of_file(file), tenant.name)
        await vault.start()
        yield vault


async def sealed_for(vault: Vault, *people: str) -> list[Sealed]:
    return [await vault.seal(f"customer-{person}", PLACE, person) for person in people]


async def rotate(tenant: Tenant, file: Path) -> int:
    """Puts a new key first and wraps everything by it."""
    put_first(file, new_master_key())
    return await go_on(tenant, file)


async def go_on(tenant: Tenant, file: Path) -> int:
    """Wraps by the first key what is not, as the owner of the key store."""
    async with await connector(tenant.owner_url)() as connection:
        return await rewrap(connection, MasterKey.of_file(file), tenant.name)


def wrapped_by(tenant: Tenant, file: Path) -> list[int]:
    """By which line of the file each stored key is wrapped."""
    ids = MasterKey.of_file(file).ids
    rows = query(tenant.owner_url, tenant, WRAPPED, tenant.name, tenant.name)
    return sorted(ids.index(bytes(wrapped)[:8]) for (wrapped,) in rows)


def keep_first_line(file: Path) -> None:
    """What the operator does when all is done."""
    file.write_bytes(file.read_bytes().splitlines()[0] + b"\n")


def test_after_a_rotation_the_old_key_can_go(tenant: Tenant, file: Path) -> None:
    async def test() -> None:
        async with vault_of(tenant, file) as vault:
            boxes = await sealed_for(vault, *map(str, range(5)))
            request = vault.fingerprint(b"request")
        assert await rotate(tenant, file) == 7
        assert set(wrapped_by(tenant, file)) == {0}
        keep_first_line(file)
        async with vault_of(tenant, file) as vault:
            assert await vault.open_all(boxes) == ["0", "1", "2", "3", "4"]
            assert vault.fingerprint(b"request") == request

    run(test())


def test_a_process_that_knows_the_old_key_alone_goes_on_with_the_new_one(tenant: Tenant, file: Path) -> None:
    async def test() -> None:
        async with vault_of(tenant, file) as old:
            (box,) = await sealed_for(old, "before")
            await rotate(tenant, file)
            keep_first_line(file)
            assert await old.open(box) == "before"
            (after,) = await sealed_for(old, "after")
            assert set(wrapped_by(tenant, file)) == {0}
            assert await old.open(after) == "after"

    run(test())


def test_a_process_that_opens_nothing_makes_its_next_key_under_the_new_one(
    tenant: Tenant, file: Path
) -> None:
    async def test() -> None:
        async with vault_of(tenant, file) as old:
            await rotate(tenant, file)
            await sealed_for(old, "after")
            assert set(wrapped_by(tenant, file)) == {0}

    run(test())


def test_until_a_rotation_begins_a_new_line_is_not_used(tenant: Tenant, file: Path) -> None:
    """A process that read the new file makes keys that one with the old file can open."""

    async def test() -> None:
        async with vault_of(tenant, file):
            pass
        put_first(file, new_master_key())
        async with vault_of(tenant, file) as new:
            await sealed_for(new, "between")
        assert set(wrapped_by(tenant, file)) == {1}

    run(test())


def test_a_rotation_that_was_killed_is_gone_on_with(
    tenant: Tenant, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(Exception):
        pass

    async def test() -> None:
        async with vault_of(tenant, file) as vault:
            people = [str(number) for number in range(10)]
            boxes = await sealed_for(vault, *people)
        monkeypatch.setattr(rotation, "BATCH", 3)
        put_first(file, new_master_key())
        wraps = MasterKey.wrap
        # After each number of keys wrapped in memory, the process dies; the batch in hand is lost.
        for survives in (0, 1, 2, 4, 5):
            left = survives

            def wrap(self: MasterKey, key: bytes, context: bytes, by: bytes | None = None) -> bytes:
                nonlocal left
                if left == 0:
                    raise Killed
                left -= 1
                return wraps(self, key, context, by)

            with monkeypatch.context() as patch:
                patch.setattr(MasterKey, "wrap", wrap)
                with pytest.raises(Killed):
                    await go_on(tenant, file)
            async with vault_of(tenant, file) as vault:
                assert await vault.open_all(boxes) == people
        await go_on(tenant, file)
        assert set(wrapped_by(tenant, file)) == {0}
        keep_first_line(file)
        async with vault_of(tenant, file) as vault:
            assert await vault.open_all(boxes) == people

    run(test())


def test_keys_that_are_made_while_it_runs_are_under_the_new_one_in_the_end(
    tenant: Tenant, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)

    async def test() -> None:
        async with vault_of(tenant, file) as one, vault_of(tenant, file) as other:
            first = await sealed_for(one, *(f"old{number}" for number in range(30)))
            put_first(file, new_master_key())
            boxes, more, _ = await asyncio.gather(
                sealed_for(one, *(f"one{number}" for number in range(30))),
                sealed_for(other, *(f"two{number}" for number in range(30))),
                go_on(tenant, file),
            )
            await go_on(tenant, file)
            assert set(wrapped_by(tenant, file)) == {0}
            keep_first_line(file)
            assert None not in await one.open_all([*first, *boxes, *more])

    run(test())


def test_a_key_that_is_destroyed_while_it_runs_does_not_come_back(tenant: Tenant, file: Path) -> None:
    async def test() -> None:
        async with vault_of(tenant, file) as vault:
            (box,) = await sealed_for(vault, "gone")
            put_first(file, new_master_key())
            unwrap = MasterKey.unwrap
            master = MasterKey.of_file(file)
            destroyed = False

            async with await connector(tenant.owner_url)() as connection:

                def destroy_in_between(self: MasterKey, wrapped: bytes, context: bytes) -> bytes:
                    nonlocal destroyed
                    # Of a tenant's own keys the context ends in their purpose.
                    if not destroyed and b"customer-gone" in context:
                        destroyed = True
                        delete = "DELETE FROM daybook_keys.subject_keys WHERE tenant = %s"
                        query(tenant.owner_url, tenant, delete, tenant.name)
                    return unwrap(self, wrapped, context)

                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(MasterKey, "unwrap", destroy_in_between)
                    await rewrap(connection, master, tenant.name)
            assert destroyed
            assert await vault.open(box) is None

    run(test())


def test_a_damaged_key_stays_behind_and_keeps_no_other_under_the_old_one(tenant: Tenant, file: Path) -> None:
    damage = """
    UPDATE daybook_keys.subject_keys
    SET wrapped_key = set_byte(wrapped_key, 3, get_byte(wrapped_key, 3) # 1)
    WHERE tenant = %s AND subject = 'customer-broken'
    """

    async def test() -> None:
        async with vault_of(tenant, file) as vault:
            _, *boxes = await sealed_for(vault, "broken", "one", "two")
            query(tenant.owner_url, tenant, damage, tenant.name)
            with pytest.raises(MasterKeyError):
                await rotate(tenant, file)
            keep_first_line(file)
            assert await vault.open_all(boxes) == ["one", "two"]

    run(test())


def test_keys_from_before_wrapped_keys_had_ids_are_opened_and_wrapped_anew(
    tenant: Tenant, file: Path
) -> None:
    async def test() -> None:
        async with vault_of(tenant, file) as vault:
            (box,) = await sealed_for(vault, "old")
            unnamed = "SET wrapped_key = substring(wrapped_key FROM 9) WHERE tenant = %s"
            for table in ("subject_keys", "tenant_keys"):
                query(tenant.owner_url, tenant, f"UPDATE daybook_keys.{table} {unnamed}", tenant.name)
            assert await vault.open(box) == "old"
            await sealed_for(vault, "new")
        await rotate(tenant, file)
        assert set(wrapped_by(tenant, file)) == {0}
        async with vault_of(tenant, file) as vault:
            assert await vault.open(box) == "old"

    run(test())


# --- erased people and parts ------------------------------------------------------------------------


def test_for_who_is_erased_no_key_is_made_again(tenant: Tenant, file: Path) -> None:
    async def test() -> None:
        async with vault_of(tenant, file) as one, vault_of(tenant, file) as other:
            await sealed_for(one, "gone")
            await one.store.destroy(["customer-gone"], for_good=True)
            with pytest.raises(SubjectErased):
                await sealed_for(other, "gone")

    run(test())


def test_sealing_and_erasing_at_the_same_time_leaves_no_key(tenant: Tenant, file: Path) -> None:
    async def test() -> None:
        async with vault_of(tenant, file) as one, vault_of(tenant, file) as other:
            for number in range(30):
                person = f"p{number}"
                await asyncio.gather(
                    sealed_for(one, person),
                    other.store.destroy([f"customer-{person}"], for_good=True),
                    return_exceptions=True,
                )
                assert await one.store.parts_of([f"customer-{person}"]) == {}

    run(test())


def test_one_part_is_destroyed_and_the_others_open(tenant: Tenant, file: Path) -> None:
    async def test() -> None:
        async with vault_of(tenant, file) as vault:
            places = {PLACE: "phone", "customer.registered.v1/name": "name"}
            boxes = await vault.seal_all("customer-c1", places)
            await vault.store.destroy(["customer-c1"], ["phone"])
            assert await vault.open_all(list(boxes.values())) == [None, "name"]
            again = await vault.seal("customer-c1", PLACE, "new phone")
            assert await vault.open_all([again, boxes[PLACE]]) == ["new phone", None]

    run(test())


# --- where the master key comes from ------------------------------------------------------------------


def of_command(command: str, tenant: Tenant) -> MasterKey:
    return MasterKey.of_settings(Settings(master_key_command=command), tenant.service_url)


def test_a_master_key_comes_from_a_command(tenant: Tenant, file: Path) -> None:
    wrapped = MasterKey.of_file(file).wrap(bytes(KEY_BYTES), b"owner")
    assert of_command(f"cat '{file}'", tenant).unwrap(wrapped, b"owner") == bytes(KEY_BYTES)


@pytest.mark.parametrize(
    "command", ["false", "no-such-program", "echo", "echo c2hvcnQ=", "echo secret!", "'"]
)
def test_a_command_that_gives_no_key_is_refused_and_nothing_of_it_is_told(
    tenant: Tenant, command: str
) -> None:
    with pytest.raises(MasterKeyError) as refused:
        of_command(command, tenant)
    assert "secret" not in str(refused.value)


def test_a_new_first_line_keeps_the_others_and_the_mode(file: Path) -> None:
    before = file.read_bytes()
    key = os.urandom(KEY_BYTES)
    put_first(file, key)
    assert file.read_bytes() == base64.b64encode(key) + b"\n" + before
    assert file.stat().st_mode & 0o777 == 0o600
    assert keys_in(file)[0] == key
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_second_rotation_waits_for_its_turn_and_changes_nothing(tenant: Tenant) -> None:
    async def test() -> None:
        async with (
            await connector(tenant.owner_url)() as first,
            await connector(tenant.owner_url)() as second,
        ):
            await begin_rotation(first)
            with pytest.raises(CannotRotate, match="another rotation"):
                await begin_rotation(second)

    run(test())


def test_a_login_that_does_not_own_the_keys_is_told_which_to_use(tenant: Tenant) -> None:
    async def test() -> None:
        async with await connector(tenant.service_url)() as connection:
            with pytest.raises(CannotRotate, match="DAYBOOK_OWNER_DATABASE_URL"):
                await begin_rotation(connection)

    run(test())
