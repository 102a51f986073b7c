"""One gift card at many tills of two processes at once: it never pays more than it holds."""

import asyncio

import msgspec

from domain.kernel.command import Command
from domain.sales.sale import GIFT_CARD_TENDER, SaleCompleted, Tender
from domain.stored_value.value import GIFT_CARD, StoredValueShort
from tests.support.commands import add_product, load_card, make_cards, open_store, sell
from tests.support.journals import accepted, answered, clerk_of, facts, folded, origin, read_all, refused, run
from tests.support.postgres import Tenant

ON_CARD = 37
"""Apples that the card pays for; a hundred are wanted."""


def test_a_hundred_checkouts_on_one_card_spend_what_it_holds(tenant: Tenant) -> None:
    tender = Tender(method=GIFT_CARD_TENDER, amount_minor=1_000, reference="g1")
    sales: list[Command] = [
        msgspec.structs.replace(
            sell(("apple", 1), sale_id=f"x{n}", register_id=f"till-{n % 9}"), tenders=(tender,)
        )
        for n in range(100)
    ]

    async def test() -> None:
        async with clerk_of(tenant) as one, clerk_of(tenant) as other:
            await answered(one, open_store(), add_product(), make_cards("g1"))
            await answered(one, load_card("g1", ON_CARD * 1_000 + 999))
            outcomes = await asyncio.gather(
                *[(one, other)[n % 2].submit(sale, origin()) for n, sale in enumerate(sales)],
                return_exceptions=True,
            )
        entries = await read_all(tenant)
        assert len(facts(entries, SaleCompleted)) == len(accepted(outcomes)) == ON_CARD
        assert refused(outcomes) == {StoredValueShort: 100 - ON_CARD}
        card = folded(tenant, entries)[GIFT_CARD.stream("g1")].state
        assert (card.balance_minor, card.spent_minor) == (999, ON_CARD * 1_000)

    run(test())
