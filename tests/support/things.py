"""Something of each kind that a request can ask for, known by the places for ids in the routes' requests."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from weakref import WeakKeyDictionary, WeakSet

from infra.crypto.links import LinkKind, make_token
from tests.support.api import (
    LONG_AGO,
    Json,
    World,
    add_campaign,
    add_store,
    cash,
    cny,
    complain,
    fresh,
    fresh_word,
    line,
    order,
    product,
    purchase,
    receive,
    sell,
    supplier,
)
from tests.support.calls import (
    ALERT_DEFAULTS,
    CALLS,
    CARE_RULE,
    FOLLOW_UPS,
    MARKDOWN,
    OFFER,
    PROGRAMME,
    RETURN_POLICY,
    SCHEME,
    SCORECARD,
    SEGMENT,
    SERVICE_TERMS,
    SURVEY_PLAN,
    TARGET,
)
from tests.support.care import send_care
from tests.support.freshness import at_work, proposed
from tests.support.people import signed_in
from tests.support.personal import vault_of
from tests.support.routes import fresh_barcode, soon
from workers.jobs.scoring import score_due


class Things(dict[str, str]):
    """New things of a shop, each made when its id is first asked for: at its first version.

    What an address alone asks for (the programme, the scales, a sealed journal) is there from the start.
    """

    def __init__(self, shop: World, makers: "Mapping[str, Maker] | None" = None) -> None:
        super().__init__()
        self.shop = shop
        self._makers = {**MAKERS, **(makers or {})}
        if shop not in _prepared:
            _prepare(shop)

    def __missing__(self, name: str) -> str:
        self[name] = self._makers[name](self)
        return self[name]

    def made(self, path: str, body: Json) -> Json:
        """What the shop answers to a post that must succeed; `{…}` in the path is filled with ids."""
        return self.shop.made(path.format_map(self), body)

    def all(self) -> dict[str, str]:
        """One of each kind."""
        return {name: self[name] for name in self._makers}


Maker = Callable[[Things], str]
_prepared: WeakSet[World] = WeakSet()
_read: WeakKeyDictionary[World, dict[str, str]] = WeakKeyDictionary()


def ids_of(shop: World) -> dict[str, str]:
    """Ids of what the requests ask for, all of it new."""
    return Things(shop).all()


def ids_for(shop: World, operation: str) -> dict[str, str]:
    """New ids of what a write asks for; for reads those that the last read had, which left all as it was.

    So there is something of each kind for whatever lists, searches or reports.
    """
    if shop not in _read:
        _read[shop] = ids_of(shop)
    return _read[shop] if CALLS[operation].method == "GET" else Things(shop)


def _prepare(shop: World) -> None:
    """Makes what there is one of."""
    shop.call("PUT", "/v1/loyalty/programme", PROGRAMME, If_Match='"0"')
    shop.call("PUT", "/v1/scales", {"layouts": [{"prefix": "22", "measure": "price"}]}, If_Match='"0"')
    shop.call("PUT", "/v1/return-policy", RETURN_POLICY, If_Match='"0"')
    shop.call("PUT", "/v1/service-terms", SERVICE_TERMS, If_Match='"0"')
    shop.call("PUT", "/v1/follow-up-rules", FOLLOW_UPS, If_Match='"0"')
    shop.call("PUT", "/v1/survey-plan", SURVEY_PLAN, If_Match='"0"')
    shop.call("PUT", "/v1/alert-thresholds", ALERT_DEFAULTS, If_Match='"0"')
    shop.seal()
    _prepared.add(shop)


def _store(things: Things) -> str:
    """One with a cold room and apples, half of them in quarantine."""
    store_id: str = add_store(things.shop, fresh("s"), locations=["cold room"])["store_id"]
    receive(things.shop, "apple", 200, store_id=store_id)
    held = {"lines": [{**line("apple", 100), "reason": "recalled"}]}
    things.made(f"/v1/stores/{store_id}/stock/quarantine", held)
    return store_id


def _segment(things: Things) -> str:
    segment_id = fresh_word("guests")
    path = f"/v1/segments/{segment_id}"
    assert things.shop.call("PUT", path, SEGMENT, If_Match='"0"').status_code == 200
    return segment_id


def _served_store(things: Things) -> str:
    store_id = _store(things)
    path = f"/v1/stores/{store_id}/service-terms"
    assert things.shop.call("PUT", path, SERVICE_TERMS, If_Match='"0"').status_code == 200
    return store_id


def _price_list(things: Things) -> str:
    south = {"list_id": fresh("l"), "name": "South", "currency": "CNY", "stores": [things["store_id"]]}
    return things.made("/v1/price-lists", south)["list_id"]


def _product(things: Things) -> str:
    return things.made("/v1/products", product(fresh("p")))["sku"]


def _barcode(things: Things) -> str:
    sku, barcode = _product(things), fresh_barcode()
    things.shop.call("PUT", f"/v1/products/{sku}/barcodes", {"barcodes": [barcode]}, If_Match='"1"')
    return barcode


def _employee(things: Things) -> str:
    employee = {"employee_id": fresh("e"), "store_id": things["store_id"], "name": "Li Lei"}
    return things.made("/v1/employees", employee)["employee_id"]


def _drafted(things: Things) -> str:
    employee_id = _employee(things)
    plans = [{"kind": "training", "text": "Learn cheese.", "due": "2026-12-24"}]
    draft = {"text": "Good.", "plans": plans}
    path = f"/v1/employees/{employee_id}/reviews/q4"
    assert things.shop.call("PUT", path, draft, If_Match='"0"').status_code == 200
    return employee_id


def _reviewed(things: Things) -> str:
    employee_id = _drafted(things)
    things.made(f"/v1/employees/{employee_id}/reviews/q4/giving", {})
    return employee_id


def _scheme(things: Things) -> str:
    scheme_id = fresh("i")
    set_ = things.shop.call("PUT", f"/v1/schemes/{scheme_id}", SCHEME, If_Match='"0"')
    assert set_.status_code == 200
    return scheme_id


def _customer(things: Things) -> str:
    return things.made("/v1/customers", {"name": "Han"})["customer_id"]


def _consenting(things: Things) -> str:
    customer_id = _customer(things)
    agreed = {"purpose": "marketing", "channel": "sms", "text_version": "2026-11"}
    things.made(f"/v1/customers/{customer_id}/consents", agreed)
    return customer_id


def _merged(things: Things) -> str:
    customer_id = _customer(things)
    things.made(f"/v1/customers/{customer_id}/merges", {"other_id": things["merged_other_id"]})
    return customer_id


def _held(things: Things) -> str:
    customer_id = _customer(things)
    things.made(f"/v1/customers/{customer_id}/hold", {"reason": "lawsuit"})
    return customer_id


def _crewed_employee(things: Things) -> str:
    employee_id = _employee(things)
    path = f"/v1/stores/{things['store_id']}/crew/{employee_id}"
    assert things.shop.call("PUT", path, {"capacity": 1}).status_code == 200
    return employee_id


def _held_employee(things: Things) -> str:
    employee_id = _employee(things)
    things.made(f"/v1/employees/{employee_id}/hold", {"reason": "lawsuit"})
    return employee_id


def _parked(things: Things) -> str:
    return things.made("/v1/stores/{store_id}/parked-sales", {"lines": [line()]})["parked_id"]


def _drawer(things: Things, register_id: str) -> str:
    """A register whose shift is open and whose drawer was counted."""
    shift = f"/v1/stores/{things['store_id']}/registers/{register_id}/shift"
    things.made(shift, {"opening_float": cny(0)})
    things.made(f"{shift}/counts", {"cash": cny(0)})
    return register_id


def _sale(things: Things) -> str:
    """Of four apples, one of which can come back."""
    return sell(things.shop, line("apple", 4), store_id=things["store_id"])["sale_id"]


def _return(things: Things) -> str:
    back = {"lines": [{"line": 1, "quantity": 1}], "reason": "soft"}
    return things.made("/v1/sales/{sale_id}/returns", back)["return_id"]


def _coupon(things: Things) -> str:
    """Its code is known, too."""
    (coupon,) = things.made("/v1/coupon-campaigns/{campaign_id}/coupons", {})["coupons"]
    things["code"] = coupon["code"]
    return coupon["coupon_id"]


def _code(things: Things) -> str:
    things["coupon_id"] = _coupon(things)
    return things["code"]


def _reserved(things: Things) -> str:
    (coupon,) = things.made("/v1/coupon-campaigns/{campaign_id}/coupons", {})["coupons"]
    reserved = {"coupons": [{"code": coupon["code"]}], "reference": "order-17", "until": soon()}
    things.made("/v1/coupons/reservations", reserved)
    return coupon["code"]


def _targeted_campaign(things: Things) -> str:
    """For certain customers, of whom one was named."""
    fields = {"percent_off": 1000, "currency": "CNY", "targeted": True}
    campaign_id: str = add_campaign(things.shop, fresh("t"), **fields)["campaign_id"]
    things.made(f"/v1/coupon-campaigns/{campaign_id}/targets", {"customer_ids": ["c1"]})
    return campaign_id


def _batch(things: Things) -> str:
    return things.made("/v1/coupon-campaigns/{campaign_id}/batches", {"count": 3})["batch_id"]


def _card(things: Things) -> str:
    """Its code is known, too."""
    (card,) = things.made("/v1/gift-cards", {"count": 1, "currency": "CNY"})["cards"]
    things["card_code"] = card["code"]
    return card["card_id"]


def _card_code(things: Things) -> str:
    things["card_id"] = _card(things)
    return things["card_code"]


def _blocked_card(things: Things) -> str:
    (card,) = things.made("/v1/gift-cards", {"count": 1, "currency": "CNY"})["cards"]
    things.made(f"/v1/gift-cards/{card['card_id']}/block", {"reason": "lost"})
    return card["card_id"]


def _complaint(things: Things) -> str:
    return complain(things.shop, store_id=things["store_id"])


def _answer(things: Things) -> str:
    answer_id = fresh("sorry")
    body = {"language": "en", "text": "We are sorry, {customer_name}."}
    assert things.shop.call("PUT", f"/v1/answers/{answer_id}", body, If_Match='"0"').status_code == 200
    return answer_id


def _referred_complaint(things: Things) -> str:
    complaint_id = _complaint(things)
    things.made(f"/v1/complaints/{complaint_id}/referrals", {"to": "supplier"})
    return complaint_id


def _resolved_complaint(things: Things) -> str:
    complaint_id = _complaint(things)
    things.made(f"/v1/complaints/{complaint_id}/resolutions", {"text": "Refunded."})
    return complaint_id


def _lead(things: Things) -> str:
    customer_id = things.made("/v1/customers", {})["customer_id"]
    lead = {"customer_id": customer_id, "store_id": things["store_id"], "source": "web"}
    return things.made("/v1/leads", lead)["lead_id"]


def _lead_that_is_over(things: Things) -> str:
    lead_id = _lead(things)
    things.made(f"/v1/leads/{lead_id}/losses", {"reason": "price"})
    return lead_id


def _task(things: Things) -> str:
    task = {"action": "call", "due_at": "2199-01-01T09:00:00Z", "subject": f"lead-{_lead(things)}"}
    return things.made("/v1/tasks", {**task, "store_id": things["store_id"]})["task_id"]


def _survey(things: Things) -> str:
    """One that was not answered; its link is known, too."""
    made = things.made(f"/v1/complaints/{_resolved_complaint(things)}/survey-links", {})
    things["survey_token"] = made["token"]
    return made["survey_id"]


def _survey_token(things: Things) -> str:
    things["survey_id"] = _survey(things)
    return things["survey_token"]


def _user(things: Things) -> str:
    return things.made("/v1/users", {"sign_in_name": fresh("u"), "roles": []})["user_id"]


def _order(status: str) -> Maker:
    """Of an apple, of which the store has some."""
    return lambda things: order(things.shop, status, store_id=things["store_id"])


def _guests_order(things: Things) -> str:
    return order(things.shop, store_id=things["store_id"], guest={"phone": "139 1111 3333"})


def _offline_sale(things: Things) -> str:
    """One that was not charged what the list says."""
    sale = {
        "sale_id": fresh("x"),
        "lines": [{**line("apple"), "total": cny(1)}],
        "tenders": [cash(1)],
        "occurred_at": LONG_AGO,
    }
    answer = things.shop.post(f"/v1/stores/{things['store_id']}/sales/batch", {"sales": [sale]})
    return answer.json()["results"][0]["sale_id"]


def _contact(things: Things) -> str:
    contact_id = fresh("p")
    things.made("/v1/suppliers/{supplier_id}/contacts", {"contact_id": contact_id, "name": "Bo"})
    return contact_id


def _purchase(things: Things) -> str:
    return purchase(things.shop, things["supplier_id"], store_id=things["store_id"])


def _sent_purchase(things: Things) -> str:
    return purchase(things.shop, things["supplier_id"], sent=True, store_id=things["store_id"])


def _goods_return(things: Things) -> str:
    back = {"supplier_id": things["supplier_id"], "cause": "bruised", "lines": [line("apple")]}
    return things.made("/v1/stores/{store_id}/supplier-returns", back)["return_id"]


def _transfer(things: Things) -> str:
    sent = {"to_store_id": "s1", "lines": [line("apple")]}
    return things.made("/v1/stores/{store_id}/transfers", sent)["transfer_id"]


def _count(things: Things) -> str:
    """One of apples, counted far off."""
    count_id = things.made("/v1/stores/{store_id}/counts", {"kind": "spot", "tolerance": {"pieces": 10**9}})
    path = f"/v1/stores/{things['store_id']}/counts/{count_id['count_id']}"
    things.shop.made(f"{path}/items", {"skus": ["apple"]})
    things.shop.made(f"{path}/lines", {"lines": [line("apple", 500)]})
    return count_id["count_id"]


def _replenished(things: Things) -> str:
    """A product that the store orders by hand."""
    sku = _product(things)
    policy = {"rule": {"kind": "min_max", "minimum": 10, "maximum": 40}}
    path = f"/v1/stores/{things['store_id']}/replenishment/policies/{sku}"
    assert things.shop.call("PUT", path, {"policy": policy}, If_Match='"0"').status_code == 200
    return sku


def _gathered(things: Things) -> str:
    """A supplier whose suggestions become drafts by themselves."""
    supplier_id = supplier(things.shop)
    path = f"/v1/stores/{things['store_id']}/replenishment/suppliers/{supplier_id}"
    set_ = things.shop.call("PUT", path, {"automatic": "accepted"}, If_Match='"0"')
    assert set_.status_code == 200, set_.text
    return supplier_id


def _suggested(things: Things) -> str:
    """Of which an order is suggested."""
    sku = _replenished(things)
    things.shop.catch_up()
    looked = things.shop.call("POST", f"/v1/stores/{things['store_id']}/replenishment/looks")
    assert looked.status_code == 200, looked.text
    return sku


def _accepted(things: Things) -> str:
    sku = _suggested(things)
    things.made(f"/v1/stores/{things['store_id']}/replenishment/suggestions/{sku}/decision", {"number": 1})
    return sku


def _told(things: Things, path: str) -> None:
    """Where more than one is too much."""
    said = {"thresholds": {"high": 1}}
    assert things.shop.call("PUT", path, said, If_Match='"0"').status_code == 200


def _told_store(things: Things) -> str:
    store_id = _store(things)
    _told(things, f"/v1/stores/{store_id}/alert-thresholds")
    return store_id


def _told_product(things: Things) -> str:
    sku = _product(things)
    _told(things, f"/v1/products/{sku}/alert-thresholds")
    _told(things, f"/v1/stores/{things['store_id']}/alert-thresholds/{sku}")
    return sku


def _alerted(things: Things) -> str:
    """A product of which the store has too much."""
    sku = _told_product(things)
    receive(things.shop, sku, 5, store_id=things["store_id"])
    things.shop.catch_up()
    assert things.shop.call("POST", f"/v1/stores/{things['store_id']}/alerts/looks").status_code == 200
    things.shop.catch_up()
    return sku


def _scorecard(things: Things) -> str:
    scorecard_id = fresh("card")
    set_ = things.shop.call("PUT", f"/v1/scorecards/{scorecard_id}", SCORECARD, If_Match='"0"')
    assert set_.status_code == 200, set_.text
    return scorecard_id


def _cycled(things: Things) -> str:
    """One with a cycle that is open."""
    scorecard_id = _scorecard(things)
    things.made(f"/v1/scorecards/{scorecard_id}/cycles", {"period": "2026-01"})
    return scorecard_id


def _scored(things: Things) -> str:
    """One with a cycle in which somebody has a score."""
    scorecard_id = _cycled(things)
    path = f"/v1/scorecards/{scorecard_id}/cycles/2026-01"
    rated = things.shop.call(
        "PUT", f"{path}/ratings/{things['scored_employee_id']}", {"indicator": "attendance", "figure": 900}
    )
    assert rated.status_code == 200, rated.text
    assert things.shop.call("POST", f"{path}/closing").status_code == 200
    things.shop.catch_up()
    at_work(things.shop, score_due)
    things.shop.catch_up()
    return scorecard_id


def _target(things: Things) -> str:
    target_id = fresh("t")
    set_ = things.shop.call("PUT", f"/v1/targets/{target_id}", TARGET, If_Match='"0"')
    assert set_.status_code == 200, set_.text
    things.shop.catch_up()
    return target_id


def _care_rule(things: Things) -> str:
    rule_id = fresh("rule")
    made = things.shop.call("PUT", f"/v1/care-rules/{rule_id}", CARE_RULE, If_Match='"0"')
    assert made.status_code == 200, made.text
    return rule_id


def _message(things: Things) -> str:
    """One that was sent by a rule, to who agreed, as the jobs' process does it."""
    shop, rule_id, customer_id = things.shop, _care_rule(things), _customer(things)
    given = {"purpose": "marketing", "channel": "email", "text_version": "2026-11"}
    things.made(f"/v1/customers/{customer_id}/consents", given)
    return asyncio.run(send_care(shop, rule_id, customer_id))


def _care_token(things: Things) -> str:
    """A link of such a message."""
    wanted, tenant = _message(things), things.shop.tenant.name

    async def make() -> str:
        async with vault_of(things.shop) as vault:
            return make_token(vault, tenant, wanted, datetime.now(UTC) + timedelta(days=1), LinkKind.CARE)

    return asyncio.run(make())


def _wishing(things: Things) -> str:
    customer_id = _customer(things)
    things.made(f"/v1/customers/{customer_id}/wishes", {"sku": "apple"})
    return customer_id


MAKERS: Mapping[str, Maker] = {
    "store_id": _store,
    "sku": _product,
    "barcode": _barcode,
    "list_id": _price_list,
    "employee_id": _employee,
    "scheme_id": _scheme,
    "drafted_employee_id": _drafted,
    "reviewed_employee_id": _reviewed,
    "customer_id": _customer,
    "register_id": lambda things: _drawer(things, "main"),
    "closed_register_id": lambda _: "closed",
    "parked_id": _parked,
    "open_parked_id": _parked,
    "counted_register_id": lambda things: _drawer(things, "counted"),
    "consenting_id": _consenting,
    "rule_id": _care_rule,
    "wishing_id": _wishing,
    "message_id": _message,
    "care_token": _care_token,
    "held_id": _held,
    "crewed_employee_id": _crewed_employee,
    "merged_id": _merged,
    "merged_other_id": _customer,
    "mergeable_id": _customer,
    "held_employee_id": _held_employee,
    "leaving_employee_id": _employee,
    "erasable_id": _customer,
    "campaign_id": lambda _: "ten",
    "targeted_campaign_id": _targeted_campaign,
    "sale_id": _sale,
    "return_id": _return,
    "offer_id": lambda things: things.made("/v1/offers", {**OFFER, "offer_id": fresh("o")})["offer_id"],
    "coupon_id": _coupon,
    "code": _code,
    "card_id": _card,
    "card_code": _card_code,
    "blocked_card_id": _blocked_card,
    "reserved_code": _reserved,
    "batch_id": _batch,
    "answer_id": _answer,
    "complaint_id": _resolved_complaint,
    "open_complaint_id": _complaint,
    "settled_complaint_id": _complaint,
    "disputed_complaint_id": _resolved_complaint,
    "referred_complaint_id": _referred_complaint,
    "lead_id": _lead,
    "won_lead_id": _lead,
    "lost_lead_id": _lead,
    "over_lead_id": _lead_that_is_over,
    "task_id": _task,
    "done_task_id": _task,
    "dropped_task_id": _task,
    "survey_id": _survey,
    "survey_token": _survey_token,
    "served_store_id": _served_store,
    "segment_id": _segment,
    "stream": lambda _: "store-s1",
    "key_id": lambda things: things.made("/v1/keys", {"name": "till", "scopes": ["keys:write"]})["key_id"],
    "sign_in_name": lambda things: signed_in(things.shop, "cashier").sign_in_name,
    "user_id": _user,
    "leaving_id": _user,
    "role": lambda _: fresh("role"),
    "order_id": _order("placed"),
    "token": lambda things: things.made("/v1/orders/{order_id}/links", {})["token"],
    "exceptional_sale_id": _offline_sale,
    "supplier_id": lambda things: supplier(things.shop),
    "untouched_supplier_id": lambda things: supplier(things.shop),
    "contact_id": _contact,
    "leaving_contact_id": _contact,
    "purchase_id": _sent_purchase,
    "draft_purchase_id": _purchase,
    "unsent_purchase_id": _purchase,
    "unwanted_purchase_id": _purchase,
    "ending_purchase_id": _sent_purchase,
    "goods_return_id": _goods_return,
    "policy_sku": _replenished,
    "gathered_supplier_id": _gathered,
    "suggested_sku": _suggested,
    "accepted_sku": _accepted,
    "alerted_sku": _alerted,
    "told_sku": _told_product,
    "target_id": _target,
    "scorecard_id": _scorecard,
    "cycled_scorecard_id": _cycled,
    "closing_scorecard_id": _cycled,
    "scored_employee_id": _employee,
    "scored_scorecard_id": _scored,
    "told_store_id": _told_store,
    "transfer_id": _transfer,
    "count_id": _count,
    "posted_count_id": _count,
    "dropped_count_id": _count,
    "marked_sku": lambda things: proposed(things.shop, things["store_id"]),
    "ladder": lambda _: fresh("ladder"),
    "label": lambda things: things.made("/v1/stores/{store_id}/markdowns", MARKDOWN)["label"],
    "guest_order_id": _guests_order,
    "paid_order_id": _order("paid"),
    "allocated_order_id": _order("allocated"),
    "picked_order_id": _order("picked"),
    "shipped_order_id": _order("shipped"),
    "lost_order_id": _order("shipped"),
}
