"""Personal text is readable with its person's key, in its own place, and nowhere in the database."""

import asyncio
import base64
import os
import threading
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.customers.customer import CustomerRegistered, RegisterCustomer
from domain.kernel.sealed import Sealed
from domain.service.case import CaseOpened
from domain.service.handling import CommentComplaint, OpenComplaint
from infra.crypto.master_key import ID_BYTES, KEY_BYTES, NONCE_BYTES, KeyBroken, MasterKey, MasterKeyError
from infra.crypto.rotation import rewrap
from infra.crypto.vault import SealBroken, Vault
from infra.postgres.pools import connector, pool
from tests.support.commands import issue, open_campaign
from tests.support.journals import answered, clerk_of, facts, query, query_as_login, read_all, run
from tests.support.postgres import Tenant
from tests.support.read_models import project

PERSON = "customer-c1"
PLACE = "customer.registered.v1/phone"
PHONE = "+8613800138000"


@pytest.fixture
def master(tmp_path: Path) -> MasterKey:
    return MasterKey.load_or_create(tmp_path / "master.key")


@asynccontextmanager
async def vault_of(tenant: Tenant, master: MasterKey) -> AsyncGenerator[Vault]:
    """A started vault with connections of its own, as each process has one."""
    async with pool(tenant.service_url) as keys:
        vault = Vault(keys, master, tenant.name)
        await vault.start()
        yield vault


def twin_of(tenant: Tenant) -> Tenant:
    """Another tenant of the same key store."""
    return msgspec.structs.replace(tenant, name=f"{tenant.name}_twin")


def as_if(sealed: Sealed, **changed: str) -> Sealed:
    return msgspec.structs.replace(sealed, **changed)


def test_what_is_sealed_opens_again(tenant: Tenant, master: MasterKey) -> None:
    async def test() -> None:
        async with vault_of(tenant, master) as vault:
            for text in (PHONE, "", "小明 🍎", "x" * 100_000):
                assert await vault.open(await vault.seal(PERSON, PLACE, text)) == text
        # In another process, which reads the key from the store.
        async with vault_of(tenant, master) as vault:
            sealed = await vault.seal(PERSON, PLACE, PHONE)
        async with vault_of(tenant, master) as vault:
            assert await vault.open(sealed) == PHONE

    run(test())


def test_the_same_text_is_never_sealed_alike(tenant: Tenant, master: MasterKey) -> None:
    async def test() -> None:
        async with vault_of(tenant, master) as vault:
            boxes = {(await vault.seal(PERSON, PLACE, PHONE)).box for _ in range(20)}
        assert len(boxes) == 20

    run(test())


def test_texts_of_several_people_open_in_their_order(tenant: Tenant, master: MasterKey) -> None:
    async def test() -> None:
        async with vault_of(tenant, master) as vault:
            sealed = [await vault.seal(f"customer-{n % 3}", PLACE, f"text {n}") for n in range(10)]
            assert await vault.open_all(sealed) == [f"text {n}" for n in range(10)]

    run(test())


def test_each_part_of_what_is_known_of_a_person_has_a_key_of_its_own(
    tenant: Tenant, master: MasterKey
) -> None:
    async def test() -> None:
        async with vault_of(tenant, master) as vault:
            places = (
                "customer.registered.v1/phone",
                "customer.changed.v1/phone",
                "customer.registered.v1/name",
            )
            boxes = await vault.seal_all(PERSON, dict.fromkeys(places, "text"))
            registered, changed, name = (boxes[place].key_id for place in places)
            assert registered == changed != name

    run(test())


async def old_box(tenant: Tenant, master: MasterKey, text: str) -> Sealed:
    """A text as it was sealed when a person had one key, and master keys had no names."""
    key_id, key, nonce = str(uuid.uuid4()), os.urandom(KEY_BYTES), os.urandom(NONCE_BYTES)
    wrapped = master.wrap(key, f"{tenant.name}/{PERSON}/{key_id}".encode())[ID_BYTES:]
    insert = (
        "INSERT INTO daybook_keys.subject_keys (key_id, tenant, subject, wrapped_key) VALUES (%s, %s, %s, %s)"
    )
    query(tenant.owner_url, tenant, insert, key_id, tenant.name, PERSON, wrapped)
    bound = f"{tenant.name}\0{PERSON}\0{PLACE}".encode()
    box = base64.b64encode(nonce + AESGCM(key).encrypt(nonce, text.encode(), bound)).decode()
    return Sealed(key_id=key_id, subject=PERSON, place=PLACE, box=box)


def test_what_was_sealed_before_there_were_parts_opens_and_is_erased(
    tenant: Tenant, master: MasterKey
) -> None:
    async def test() -> None:
        async with vault_of(tenant, master) as vault:
            old = await old_box(tenant, master, "old")
            new = await vault.seal(PERSON, PLACE, "new")
            assert await vault.open_all([old, new]) == ["old", "new"]
            await vault.store.destroy([PERSON], ["phone"])
            assert await vault.open_all([old, new]) == ["old", None]
            await vault.store.destroy([PERSON], for_good=True)
            assert await vault.open_all([old, new]) == [None, None]

    run(test())


def test_many_people_at_once_open_with_one_read(tenant: Tenant, master: MasterKey) -> None:
    async def test() -> None:
        async with vault_of(tenant, master) as vault:
            sealed = [await vault.seal(f"customer-{n}", PLACE, f"text {n}") for n in range(300)]
            assert await vault.open_all(sealed) == [f"text {n}" for n in range(300)]

    run(test())


def test_sealed_text_that_was_moved_to_another_place_is_broken(tenant: Tenant, master: MasterKey) -> None:
    async def test() -> None:
        async with vault_of(tenant, master) as vault:
            sealed = await vault.seal(PERSON, PLACE, PHONE)
            with pytest.raises(SealBroken):
                await vault.open(as_if(sealed, place="customer.registered.v1/name"))

    run(test())


def test_sealed_text_that_was_given_to_another_person_does_not_open(
    tenant: Tenant, master: MasterKey
) -> None:
    """Neither with the key id it came with, which isn't theirs, nor with theirs."""

    async def test() -> None:
        async with vault_of(tenant, master) as vault:
            sealed = await vault.seal(PERSON, PLACE, PHONE)
            other = await vault.seal("customer-c2", PLACE, "other")
            assert await vault.open(as_if(sealed, subject="customer-c2")) is None
            with pytest.raises(SealBroken):
                await vault.open(as_if(sealed, subject="customer-c2", key_id=other.key_id))

    run(test())


def test_sealed_text_of_another_tenant_does_not_open(tenant: Tenant, master: MasterKey) -> None:
    """Not even where both tenants have a customer of that id."""

    async def test() -> None:
        async with (
            vault_of(tenant, master) as ours,
            vault_of(twin_of(tenant), master) as theirs,
        ):
            sealed = await ours.seal(PERSON, PLACE, PHONE)
            assert await theirs.open(sealed) is None
            own = await theirs.seal(PERSON, PLACE, "other")
            assert await theirs.open(sealed) is None
            with pytest.raises(SealBroken):
                await theirs.open(as_if(sealed, key_id=own.key_id))

    run(test())


def test_a_key_that_was_copied_to_another_person_or_tenant_is_not_unwrapped(
    tenant: Tenant, master: MasterKey
) -> None:
    """A wrapped key is bound to its owner: whoever may write the key store can't make it somebody else's."""
    copy = (
        "INSERT INTO daybook_keys.subject_keys (key_id, tenant, subject, wrapped_key)"
        " SELECT gen_random_uuid(), %s, %s, wrapped_key FROM daybook_keys.subject_keys WHERE tenant = %s"
        " RETURNING key_id::text"
    )

    async def test() -> None:
        async with vault_of(tenant, master) as vault:
            sealed = await vault.seal(PERSON, PLACE, PHONE)
            ((key_id,),) = query(tenant.owner_url, tenant, copy, tenant.name, "customer-thief", tenant.name)
            with pytest.raises(MasterKeyError):
                await vault.open(as_if(sealed, subject="customer-thief", key_id=key_id))

    run(test())


@pytest.mark.parametrize("change", ["a bit", "cut short", "empty", "not base64"])
def test_sealed_text_that_was_altered_is_broken(tenant: Tenant, master: MasterKey, change: str) -> None:
    async def test() -> None:
        async with vault_of(tenant, master) as vault:
            sealed = await vault.seal(PERSON, PLACE, PHONE)
            box = base64.b64decode(sealed.box)
            altered = {
                "a bit": base64.b64encode(box[:-1] + bytes([box[-1] ^ 1])).decode(),
                "cut short": base64.b64encode(box[:20]).decode(),
                "empty": "",
                "not base64": "a" + sealed.box,
            }
            with pytest.raises(SealBroken):
                await vault.open(as_if(sealed, box=altered[change]))

    run(test())


def test_without_their_key_a_persons_texts_are_gone_and_others_stay(
    tenant: Tenant, master: MasterKey
) -> None:
    async def test() -> None:
        async with vault_of(tenant, master) as vault:
            gone = await vault.seal(PERSON, PLACE, PHONE)
            stays = await vault.seal("customer-c2", PLACE, "other")
        query_as_login(tenant, "DELETE FROM daybook_keys.subject_keys WHERE subject = %s", PERSON)
        async with vault_of(tenant, master) as vault:
            assert await vault.open_all([gone, stays, gone]) == [None, "other", None]
            # Known again, the person has a new key, which opens nothing of before.
            again = await vault.seal(PERSON, PLACE, PHONE)
            assert await vault.open_all([gone, again]) == [None, PHONE]

    run(test())


def test_two_processes_that_make_a_persons_key_at_once_agree(tenant: Tenant, master: MasterKey) -> None:
    async def test() -> None:
        async with vault_of(tenant, master) as one, vault_of(tenant, master) as other:
            for number in range(20):
                person = f"customer-{number}"
                sealed = await asyncio.gather(
                    one.seal(person, PLACE, "from one"), other.seal(person, PLACE, "from other")
                )
                assert sealed[0].key_id == sealed[1].key_id
                assert (
                    await one.open_all(sealed) == await other.open_all(sealed) == ["from one", "from other"]
                )

    run(test())


def test_another_master_key_opens_nothing_and_says_so(tenant: Tenant, master: MasterKey) -> None:
    async def test() -> None:
        async with vault_of(tenant, master) as vault:
            await vault.seal(PERSON, PLACE, PHONE)
        with pytest.raises(MasterKeyError, match="does not open with this master key"):
            async with vault_of(tenant, MasterKey(os.urandom(KEY_BYTES))):
                pass

    run(test())


def test_the_master_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "master.key"

    MasterKey.load_or_create(path)
    content = path.read_bytes()
    MasterKey.load_or_create(path)

    assert path.read_bytes() == content
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(base64.b64decode(content)) == KEY_BYTES
    assert [file.name for file in path.parent.iterdir()] == ["master.key"]


def test_the_master_key_read_again_opens_what_it_wrapped(tmp_path: Path) -> None:
    wrapped = MasterKey.load_or_create(tmp_path / "key").wrap(b"secret", b"owner")

    again = MasterKey.load_or_create(tmp_path / "key")

    assert again.unwrap(wrapped, b"owner") == b"secret"
    with pytest.raises(MasterKeyError):
        again.unwrap(wrapped, b"another owner")


@pytest.mark.parametrize("content", [b"", b"c2hvcnQ=\n", b"not base64!", b"\x00" * 32])
def test_a_file_that_holds_no_master_key_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)

    with pytest.raises(MasterKeyError):
        MasterKey.load_or_create(path)

    assert path.read_bytes() == content


def test_a_master_key_that_is_gone_is_not_replaced_where_keys_are_stored(
    tenant: Tenant, master: MasterKey, tmp_path: Path
) -> None:
    async def test() -> None:
        async with vault_of(tenant, master):
            pass

    run(test())
    lost = tmp_path / "lost.key"
    with pytest.raises(MasterKeyError, match="missing"):
        MasterKey.of_store(lost, tenant.service_url, tenant.name)
    assert not lost.exists()


def test_fingerprints_tell_requests_and_tenants_apart(tenant: Tenant, master: MasterKey) -> None:
    async def test() -> None:
        async with (
            vault_of(tenant, master) as ours,
            vault_of(twin_of(tenant), master) as theirs,
        ):
            assert ours.fingerprint(b"POST", b"body") == ours.fingerprint(b"POST", b"body")
            found = {
                ours.fingerprint(b"POST", b"body"),
                theirs.fingerprint(b"POST", b"body"),
                ours.fingerprint(b"POSTb", b"ody"),
                ours.fingerprint(b"POST"),
                ours.fingerprint(b"POST", b"body", b""),
            }
            assert len(found) == 5
            first = ours.fingerprint(b"POST", b"body")
        async with vault_of(tenant, master) as again:
            assert again.fingerprint(b"POST", b"body") == first

    run(test())


def test_a_code_always_names_the_same_coupon_however_it_is_typed(tenant: Tenant, master: MasterKey) -> None:
    async def test() -> None:
        async with (
            vault_of(tenant, master) as ours,
            vault_of(twin_of(tenant), master) as theirs,
        ):
            ids = {ours.coupon_id(code) for code in ("AB12-CD34", "ab12-cd34", " Ab12-Cd34 ")}
            assert len(ids) == 1
            assert ids.isdisjoint({ours.coupon_id("AB12-CD35"), theirs.coupon_id("AB12-CD34")})
            (id_,) = ids
            assert id_.isalnum()
            assert id_ == id_.lower()

    run(test())


def everything_stored(tenant: Tenant) -> bytes:
    """Every row of every table of the tenant and of the key store, and the journal's raw bytes."""
    tables = query(
        tenant.owner_url,
        tenant,
        "SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables WHERE schemaname = ANY (%s)",
        [tenant.schema, "daybook_keys", "daybook"],
    )
    texts = [
        str(row)
        for (table,) in tables
        for row in query(tenant.owner_url, tenant, f"SELECT whole::text FROM {table} AS whole")
    ]
    raw = query(
        tenant.owner_url,
        tenant,
        "SELECT state FROM stored_events"
        " UNION ALL SELECT result FROM commands"
        " UNION ALL SELECT state FROM snapshots",
    )
    assert len(tables) > 10
    return b"\n".join([*(text.encode() for text in texts), *(bytes(state) for (state,) in raw)])


def test_nothing_personal_is_stored_in_plain_text(tenant: Tenant, master: MasterKey) -> None:
    """Names, numbers, addresses, complaints and coupon codes, also as the hex that bytea is shown in."""
    secrets = {
        "name": "Zebediah Quux",
        "phone": PHONE,
        "email": "zebediah@quux.example",
        "birthday": "1971-02-03",
    }
    words = {"opening": "The apples had worms in them.", "comment": "He shouted at Ms Miller."}
    code = "SECRET-CODE-77"

    async def test() -> None:
        async with vault_of(tenant, master) as vault, clerk_of(tenant) as clerk:
            sealed = await vault.seal_all(
                PERSON, {f"{CustomerRegistered.TYPE}/{field}": text for field, text in secrets.items()}
            )
            boxes = {place.rpartition("/")[2]: box for place, box in sealed.items()}
            opening = await vault.seal(PERSON, f"{CaseOpened.TYPE}/text", words["opening"])
            comment = await vault.seal(PERSON, "case.commented.v1/text", words["comment"])
            coupon_id = vault.coupon_id(code)
            await answered(
                clerk,
                RegisterCustomer(customer_id="c1", language=None, **boxes),
                OpenComplaint(case_id="k1", category="quality", text=opening, customer_id="c1"),
                CommentComplaint(case_id="k1", text=comment),
                open_campaign(),
                issue(coupon_id),
            )
            await project(tenant)
            (registered,) = facts(await read_all(tenant), CustomerRegistered)
            assert registered.name is not None
            assert await vault.open(registered.name) == secrets["name"]

    run(test())
    stored = everything_stored(tenant)
    assert b"customer-c1" in stored
    for text in (*secrets.values(), *words.values(), code):
        for spelled in (text.encode(), text.encode().hex().encode(), base64.b64encode(text.encode())[:-4]):
            assert spelled not in stored, text


# --- one damaged key, and a master key that is not known -----------------------------------------------

RENAME = """
UPDATE daybook_keys.subject_keys
SET wrapped_key = '\\x0102030405060708'::bytea || substring(wrapped_key FROM 9)
WHERE tenant = %s AND subject = %s
"""


def test_a_key_that_names_no_known_master_key_is_its_persons_trouble_alone(
    tenant: Tenant, master: MasterKey
) -> None:
    async def test() -> None:
        async with vault_of(tenant, master) as vault:
            broken = await vault.seal(PERSON, PLACE, PHONE)
            sound = await vault.seal("customer-c2", PLACE, "x")
            query(tenant.owner_url, tenant, RENAME, tenant.name, PERSON)
            with pytest.raises(KeyBroken):
                await vault.open(broken)
            with pytest.raises(KeyBroken):
                await vault.seal(PERSON, PLACE, PHONE)
            assert await vault.open(sound) == "x"

    run(test())


def test_a_master_key_that_is_in_use_and_not_known_here_is_nobodys_damage(tenant: Tenant) -> None:
    """As where another host's file has the new line and this one's has not: nothing is taken for damaged."""

    async def test() -> None:
        old = os.urandom(KEY_BYTES)
        async with vault_of(tenant, MasterKey(old)) as vault:
            sealed = await vault.seal(PERSON, PLACE, PHONE)
            both = MasterKey(os.urandom(KEY_BYTES), old)
            async with await connector(tenant.owner_url)() as connection:
                await rewrap(connection, both, tenant.name)
            with pytest.raises(MasterKeyError) as refused:
                await vault.open(sealed)
            assert not isinstance(refused.value, KeyBroken)

    run(test())


def test_the_master_key_is_read_again_beside_the_loop_and_not_for_each_use(tenant: Tenant) -> None:
    key = os.urandom(KEY_BYTES)
    reads: list[bool] = []

    def material() -> list[bytes]:
        reads.append(threading.current_thread() is threading.main_thread())
        return [key]

    async def test() -> None:
        async with vault_of(tenant, MasterKey(key, material=material)) as vault:
            broken = await vault.seal(PERSON, PLACE, PHONE)
            query(tenant.owner_url, tenant, RENAME, tenant.name, PERSON)
            for _ in range(5):
                with pytest.raises(KeyBroken):
                    await vault.open(broken)
        assert reads == [False]

    run(test())
