"""wallet, stored_value and wallet_coupons say what the journal's own states say."""

from domain.kernel.event import AnyRecorded
from domain.loyalty.points import LOYALTY
from domain.promotions.coupon import COUPON
from domain.stored_value.value import CREDIT, GIFT_CARD
from projections.wallet.fold import STORED_VALUE, WALLET, WALLET_COUPONS, StoredValue, Wallet, Wallets
from tests.support.journals import folded
from tests.support.postgres import Tenant
from tests.support.read_models import fold_in_memory


def test_a_wallet_holds_the_points_of_the_account(shop: Tenant, journal: list[AnyRecorded]) -> None:
    rows = fold_in_memory(Wallets(), journal)[WALLET]
    states = folded(shop, journal)
    assert rows
    for (customer_id,), row in rows.items():
        assert isinstance(row, Wallet)
        account = states[LOYALTY.stream(customer_id)].state
        assert sum(row.points.values()) - row.owed == account.balance
        assert (row.owed, row.tier) == (account.owed, account.standing.tier)
        assert row.earned - row.spent - row.lapsed == account.balance


def test_an_account_balances(shop: Tenant, journal: list[AnyRecorded]) -> None:
    rows = fold_in_memory(Wallets(), journal)[STORED_VALUE]
    states = folded(shop, journal)
    kinds: set[str] = set()
    for (account,), row in rows.items():
        assert isinstance(row, StoredValue)
        state = states[account].state
        assert row.balance_minor == state.balance_minor == sum(row.value.values())
        assert (
            row.issued_minor == row.spent_minor - row.refunded_minor + row.expired_minor + row.balance_minor
        )
        kinds.add(row.kind)
    assert kinds == {GIFT_CARD.category, CREDIT.category}


def test_a_coupon_of_a_customer_is_in_the_wallet_until_it_is_used(journal: list[AnyRecorded]) -> None:
    rows = fold_in_memory(Wallets(), journal)[WALLET_COUPONS]
    own = {key: row.status for key, row in rows.items() if key[1].startswith("own-")}
    assert set(own.values()) == {"issued", "redeemed"}


def test_a_coupon_that_came_back_is_in_the_wallet_again_and_one_that_was_revoked_is_not(
    shop: Tenant, journal: list[AnyRecorded]
) -> None:
    rows = fold_in_memory(Wallets(), journal)[WALLET_COUPONS]
    states = folded(shop, journal)
    assert (rows["c1", "mine-c1"].status, rows["c2", "mine-c2"].status) == ("issued", "revoked")
    for (_, coupon_id), row in rows.items():
        coupon = states[COUPON.stream(coupon_id)].state
        if coupon.customer_id is not None:
            assert row.status == (
                "revoked" if coupon.revoked else "redeemed" if coupon.redeemed else "issued"
            )
