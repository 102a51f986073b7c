"""Gift cards and store credit in sales and returns: they are tenders, and change neither price nor tax."""

from collections.abc import Iterable, Sequence

from domain.kernel.command import Moment
from domain.kernel.errors import InvalidCommand, Refusal
from domain.kernel.event import Event
from domain.kernel.stored_value import StoredPayment
from domain.kernel.stream import States
from domain.sales.sale import GIFT_CARD_TENDER, STORE_CREDIT, Refund, Sale, Tender
from domain.stored_value.cards import require_card
from domain.stored_value.value import CREDIT, GIFT_CARD, Account, refund, spend

Facts = tuple[tuple[str, Event], ...]


class CreditNeedsCustomer(Refusal):
    """A sale to nobody in particular is not paid with store credit."""

    code = "credit_needs_customer"


def accounts(tenders: Sequence[Tender], customer_id: str | None) -> Iterable[str]:
    """The accounts that pay."""
    for tender in tenders:
        account = account_of(tender, customer_id)
        if account is not None:
            yield account


def account_of(tender: Tender, customer_id: str | None) -> str | None:
    """Where the tender's money is; None for money from elsewhere."""
    if tender.method == GIFT_CARD_TENDER and tender.reference is not None:
        return GIFT_CARD.stream(tender.reference)
    if tender.method == STORE_CREDIT and customer_id is not None:
        return CREDIT.stream(customer_id)
    return None


def pay(
    states: States,
    at: Moment,
    *,
    document: str,
    customer_id: str | None,
    currency: str,
    tenders: Sequence[Tender],
) -> tuple[tuple[StoredPayment, ...], Facts]:
    """Takes what gift cards and credit pay from them; each account pays once."""
    payments: list[StoredPayment] = []
    facts: list[tuple[str, Event]] = []
    for number, tender in enumerate(tenders, start=1):
        if tender.method not in (GIFT_CARD_TENDER, STORE_CREDIT):
            continue
        account = account_of(tender, customer_id)
        if account is None:
            if tender.method == STORE_CREDIT:
                raise CreditNeedsCustomer("Name the customer whose credit pays.")
            raise InvalidCommand("A gift card pays by its code.", tender=number)
        if any(payment.account == account for payment in payments):
            raise InvalidCommand("A card or credit pays as one tender.", tender=number)
        state = account_state(states, account)
        spent = spend(state, account, document, currency, tender.amount_minor, at.recorded_at)
        payments.append(StoredPayment(tender=number, account=account, lots=spent.lots))
        facts.append((account, spent))
    return tuple(payments), tuple(facts)


def give_back(states: States, *, document: str, sale: Sale, refunds: Sequence[Refund]) -> Facts:
    """Puts what the return refunds back on the cards and credits that had paid."""
    assert sale.completed is not None
    amounts = {refund.tender: refund.amount_minor for refund in refunds}
    facts: list[tuple[str, Event]] = []
    for payment in sale.completed.stored:
        if amount := amounts.get(payment.tender, 0):
            before = sale.refunded[payment.tender - 1]
            state = account_state(states, payment.account)
            back = refund(state, payment.account, document, payment.lots, before, amount)
            facts.append((payment.account, back))
    return tuple(facts)


def account_state(states: States, account: str) -> Account:
    """The account (`giftcard-…` or `credit-…`), or CardUnknown."""
    kind, _, id_ = account.partition("-")
    return require_card(states, id_) if kind == GIFT_CARD.category else states.of(CREDIT, id_)
