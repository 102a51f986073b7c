"""What a customer agreed to is on record with its wording, its time and who wrote it down."""

from tests.support.api import World, fresh, problem
from tests.support.personal import opened_elsewhere, sealed_in_journal

AGREED = {"purpose": "marketing", "channel": "sms", "text_version": "2026-11", "proof": "Ticked at till 2."}
TAKEN_BACK = {"purpose": "marketing", "channel": "sms"}


def customer(shop: World) -> str:
    return f"/v1/customers/{shop.made('/v1/customers', {'name': fresh('Han ')})['customer_id']}"


def steps(shop: World, path: str) -> list[tuple[str, str | None, bool]]:
    consents = shop.read(f"{path}/consents")["consents"]
    return [(step["status"], step["text_version"], step["in_force"]) for step in consents]


def test_a_consent_counts_from_when_it_is_given(shop: World) -> None:
    path = customer(shop)
    shop.made(f"{path}/consents", AGREED)
    assert shop.read(path)["consents"] == [
        {"purpose": "marketing", "channel": "sms", "text_version": "2026-11"}
    ]
    (step,) = shop.read(f"{path}/consents")["consents"]
    assert step["recorded_by"].startswith("key:")


def test_a_withdrawn_consent_counts_no_more_and_is_still_told(shop: World) -> None:
    path = customer(shop)
    shop.made(f"{path}/consents", AGREED)
    shop.made(f"{path}/consents/withdrawals", TAKEN_BACK)
    assert shop.read(path)["consents"] == []
    assert steps(shop, path) == [("given", "2026-11", False), ("withdrawn", None, False)]


def test_a_new_wording_takes_the_place_of_the_old(shop: World) -> None:
    path = customer(shop)
    shop.made(f"{path}/consents", AGREED)
    shop.made(f"{path}/consents", {**AGREED, "text_version": "2027-01"})
    assert steps(shop, path) == [("given", "2026-11", False), ("given", "2027-01", True)]


def test_the_same_consent_again_changes_nothing(shop: World) -> None:
    path = customer(shop)
    shop.made(f"{path}/consents", AGREED)
    shop.made(f"{path}/consents", AGREED)
    assert steps(shop, path) == [("given", "2026-11", True)]


def test_what_was_never_given_is_not_withdrawn(shop: World) -> None:
    path = customer(shop)
    refusal = shop.refusal(lambda: shop.post(f"{path}/consents/withdrawals", TAKEN_BACK))
    assert refusal == (404, "consent_unknown")


def test_the_proof_is_sealed_for_the_customer(shop: World) -> None:
    path = customer(shop)
    shop.made(f"{path}/consents", AGREED)
    subject = f"customer-{path.rpartition('/')[2]}"
    proofs = [b for b in sealed_in_journal(shop) if b.subject == subject and b.place.endswith("/proof")]
    assert opened_elsewhere(shop, proofs) == ["Ticked at till 2."]
    assert "Ticked at till 2." not in shop.everything_stored()


def test_a_purpose_is_no_place_for_a_name(shop: World) -> None:
    path = customer(shop)
    answer = shop.post(f"{path}/consents", {**AGREED, "purpose": "call Mr Li 138"})
    assert problem(answer) == (400, "invalid_request")
