"""What an auditor asks of the API, checked with nothing but the answers."""

import base64

import msgspec
import pytest

from infra.audit.bundle import verify_bundle
from infra.audit.checkpoint import Checkpoint, VerifierKey
from infra.audit.merkle import extends, includes
from tests.support.api import World, add_store, fresh, line, problem, receive, sell
from workers.sealer import shop_signer


def hashes(texts: list[str]) -> list[bytes]:
    return [base64.b64decode(text) for text in texts]


def key_of(shop: World) -> VerifierKey:
    return shop_signer(shop.settings, shop.tenant.service_url, shop.tenant.name).key


def sealed(shop: World) -> Checkpoint:
    """The last checkpoint, over everything."""
    shop.seal()
    return Checkpoint.parse(shop.read("/v1/audit/checkpoint")["note"])


def test_the_checkpoint_is_signed_and_says_what_is_in_it(shop: World) -> None:
    found = sealed(shop)
    told = shop.read("/v1/audit/checkpoint")
    assert key_of(shop).signed(found)
    assert (told["origin"], told["size"], base64.b64decode(told["root"])) == (
        found.origin,
        found.size,
        found.root,
    )
    assert found.size == shop.written()[0]


def test_an_earlier_checkpoint_is_found_by_its_size(shop: World) -> None:
    before = sealed(shop)
    add_store(shop, fresh("s"))
    sealed(shop)
    assert shop.read(f"/v1/audit/checkpoint?size={before.size}")["note"] == before.note


def test_before_anything_is_sealed_there_is_no_checkpoint(new_shop: World) -> None:
    for path in ("checkpoint", "inclusion?position=1", "consistency?from=1", "export"):
        assert problem(new_shop.get(f"/v1/audit/{path}")) == (404, "not_found")


def test_each_event_is_proven_to_be_sealed(shop: World) -> None:
    size = sealed(shop).size
    for position in (1, 2, size // 2, size):
        told = shop.read(f"/v1/audit/inclusion?position={position}")
        checkpoint = Checkpoint.parse(told["checkpoint"]["note"])
        (leaf,) = hashes([told["leaf_hash"]])
        assert includes(leaf, position - 1, checkpoint.size, hashes(told["proof"]), checkpoint.root)


def test_an_event_that_is_not_sealed_yet_has_no_proof(shop: World) -> None:
    size = sealed(shop).size
    add_store(shop, fresh("s"))
    assert problem(shop.get(f"/v1/audit/inclusion?position={size + 1}")) == (404, "not_found")


def test_a_later_checkpoint_is_proven_to_continue_an_earlier_one(shop: World) -> None:
    old = sealed(shop)
    add_store(shop, fresh("s"))
    sealed(shop)
    told = shop.read(f"/v1/audit/consistency?from={old.size}")
    new = Checkpoint.parse(told["checkpoint"]["note"])
    assert new.size > old.size
    assert extends(old.size, old.root, new.size, new.root, hashes(told["proof"]))


@pytest.mark.parametrize(
    "path",
    [
        "inclusion?position=0",
        "inclusion?position=x",
        "inclusion",
        "inclusion?position=1&size=0",
        "consistency?from=0",
        "consistency",
        "export?from=3&to=2",
        "export?from=0",
        "checkpoint?sise=1",
    ],
)
def test_a_question_that_makes_no_sense_is_refused(shop: World, path: str) -> None:
    sealed(shop)
    assert problem(shop.get(f"/v1/audit/{path}")) == (400, "invalid_request")


@pytest.mark.parametrize(
    "path", ["inclusion?position=1&size={}", "consistency?from={}", "export?to={}", "export?since={}"]
)
def test_what_no_checkpoint_has_sealed_is_not_found(shop: World, path: str) -> None:
    size = sealed(shop).size
    assert problem(shop.get(f"/v1/audit/{path.format(size + 1_000)}")) == (404, "not_found")


def test_an_export_proves_itself(shop: World) -> None:
    size = sealed(shop).size
    answer = shop.get(f"/v1/audit/export?from=2&to={size - 1}")
    assert answer.headers["Content-Type"] == "application/jsonl"
    bundle = verify_bundle(answer.content.splitlines(keepends=True), key_of(shop))
    assert (bundle.first, bundle.last, bundle.checkpoint.size) == (2, size - 1, size)


def test_an_export_goes_on_under_the_same_checkpoint_while_the_shop_does(shop: World) -> None:
    old = sealed(shop)
    cut = shop.get("/v1/audit/export").content.splitlines(keepends=True)[:3]
    add_store(shop, fresh("s"))
    sealed(shop)

    rest = shop.get(f"/v1/audit/export?from=3&size={old.size}").content.splitlines(keepends=True)

    assert verify_bundle([*cut, *rest], key_of(shop)).last == old.size


def test_an_export_shows_that_it_continues_a_checkpoint_in_hand(shop: World) -> None:
    old = sealed(shop)
    add_store(shop, fresh("s"))
    size = sealed(shop).size
    lines = shop.get(f"/v1/audit/export?from={size}&since={old.size}").content.splitlines(keepends=True)
    assert verify_bundle(lines, key_of(shop), old).older == old.size


def test_a_damaged_tree_proves_nothing_and_says_so(new_shop: World) -> None:
    sealed(new_shop)
    new_shop.query("DELETE FROM audit_tiles")
    for path in ("inclusion?position=1", "consistency?from=1", "export?to=2"):
        assert problem(new_shop.get(f"/v1/audit/{path}")) == (503, "proof_unavailable")


def test_a_key_of_some_stores_proves_nothing(shop: World) -> None:
    sealed(shop)
    clerk = shop.caller("audit:read", stores=["s1"])
    for path in ("checkpoint", "inclusion?position=1", "consistency?from=1", "export"):
        assert problem(clerk.get(f"/v1/audit/{path}")) == (403, "forbidden")
    assert problem(clerk.get("/v1/streams/store-s1")) == (403, "forbidden")


# States as they were.


def test_a_state_is_told_as_it_was_at_a_position(shop: World) -> None:
    store_id = fresh("s")
    opened = int(
        shop.post(
            "/v1/stores", {"store_id": store_id, "name": "Old", "currency": "CNY", "time_zone": "UTC"}
        ).headers["Daybook-Position"]
    )
    changed = int(shop.patch(f"/v1/stores/{store_id}", {"name": "New"}, 1).headers["Daybook-Position"])

    then = shop.read(f"/v1/streams/store-{store_id}?as_of={opened}")
    now = shop.read(f"/v1/streams/store-{store_id}")

    assert (then["version"], then["position"], then["as_of"]) == (1, opened, opened)
    assert (now["version"], now["position"]) == (2, changed)
    assert (then["state"]["name"], now["state"]["name"]) == ("Old", "New")
    assert problem(shop.get(f"/v1/streams/store-{store_id}?as_of={opened - 1}")) == (404, "not_found")


def test_a_state_is_told_as_it_was_at_an_instant(shop: World) -> None:
    store_id = add_store(shop, fresh("s"))["store_id"]
    (opened,) = shop.read(f"/v1/streams/store-{store_id}/events")["data"]
    shop.patch(f"/v1/stores/{store_id}", {"name": "New"}, 1)

    then = shop.read(f"/v1/streams/store-{store_id}?as_of={opened['recorded_at']}")

    assert (then["version"], then["as_of"]) == (1, opened["position"])


@pytest.mark.parametrize("slash", ["/", "%2F"])
def test_a_stream_whose_name_has_a_slash_is_told_too(shop: World, slash: str) -> None:
    receive(shop, "apple", 10)
    before = shop.read(f"/v1/streams/stock-s1{slash}apple")
    sell(shop, line("apple", 3))
    after = shop.read(f"/v1/streams/stock-s1{slash}apple")
    again = shop.read(f"/v1/streams/stock-s1{slash}apple?as_of={before['as_of']}")
    assert after["state"]["on_hand"] == before["state"]["on_hand"] - 3
    assert again == before


def test_personal_fields_stay_sealed(shop: World) -> None:
    state = shop.read("/v1/streams/customer-c1")["state"]
    assert "Han Meimei" not in msgspec.json.encode(state).decode()


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("store-ghost", (404, "not_found")),
        ("nothing-1", (404, "not_found")),
        ("store-s1?as_of=999999999", (404, "not_found")),
        ("store-s1?as_of=yesterday", (400, "invalid_request")),
        ("store-s1?as_of=2026-11-01", (400, "invalid_request")),
        ("store-s1?as_of=-1", (400, "invalid_request")),
        ("store-s1?as_of=", (400, "invalid_request")),
        ("store-s1?as_of=2000-01-01T00:00:00Z", (404, "not_found")),
    ],
)
def test_a_time_or_a_stream_that_is_none_is_refused(shop: World, path: str, told: tuple[int, str]) -> None:
    assert problem(shop.get(f"/v1/streams/{path}")) == told
