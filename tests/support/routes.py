"""A valid request to every operation of the API, for tests that walk over all of them."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from api.auth import ANYBODY
from domain.catalog.barcode import check_digit
from tests.support.api import (
    LONG_AFTER,
    LONG_AGO,
    Caller,
    World,
    add_store,
    basket,
    cash,
    cny,
    complain,
    fresh,
    line,
    order,
    product,
    purchase,
    receive,
    sell,
    supplier,
)
from tests.support.people import PASSWORD, signed_in

Json = dict[str, Any]


class Route(NamedTuple):
    """One method of one address, and the handler that answers it."""

    method: str
    path: str
    handler: HTTPRouteHandler

    @property
    def public(self) -> bool:
        return bool(self.handler.opt.get("public"))

    @property
    def open(self) -> bool:
        """Whether it needs no key."""
        return self.public or self.handler.opt.get("scope") == ANYBODY


class Call(NamedTuple):
    """A request to an operation. `{…}` in the path is filled with ids."""

    method: str
    path: str
    body: Json | bytes | None = None


NEW = "{new}"
"""Stands in a body for an id that nothing has yet."""

OFFER: Json = {
    "name": "Autumn",
    "currency": "CNY",
    "phase": "order",
    "benefit": {"kind": "percent_off", "rate_bp": 1000},
    "conditions": {"minimum_minor": 100_000_000},
}
"""One that no basket of the tests reaches."""

PROGRAMME: Json = {
    "currency": "CNY",
    "earn_points": 1,
    "earn_minor": 100,
    "redeem_points": 1,
    "redeem_minor": 1,
}

RETURN_POLICY: Json = {"default": {"days": 365}}

CALLS: dict[str, Call] = {
    "openStore": Call(
        "POST", "/v1/stores", {"store_id": NEW, "name": "Harbour", "currency": "CNY", "time_zone": "UTC"}
    ),
    "getStore": Call("GET", "/v1/stores/{store_id}"),
    "changeStore": Call("PATCH", "/v1/stores/{store_id}", {"name": "New Street"}),
    "addProduct": Call("POST", "/v1/products", product(NEW)),
    "getProduct": Call("GET", "/v1/products/{sku}"),
    "changeProduct": Call("PATCH", "/v1/products/{sku}", {"name": "New Apple"}),
    "setBarcodes": Call("PUT", "/v1/products/{sku}/barcodes", {"barcodes": ["{new_barcode}"]}),
    "publishPriceList": Call(
        "POST", "/v1/price-lists", {"list_id": NEW, "name": "South", "currency": "CNY", "stores": ["s1"]}
    ),
    "listPriceLists": Call("GET", "/v1/price-lists"),
    "getPriceList": Call("GET", "/v1/price-lists/{list_id}"),
    "changePriceList": Call("PUT", "/v1/price-lists/{list_id}", {"name": "North", "currency": "CNY"}),
    "endPriceList": Call("DELETE", "/v1/price-lists/{list_id}"),
    "setPrices": Call(
        "POST", "/v1/price-lists/{list_id}/prices", {"prices": [{"sku": "apple", "price": cny(1000)}]}
    ),
    "readBarcode": Call("GET", "/v1/barcodes/{barcode}"),
    "getScales": Call("GET", "/v1/scales"),
    "setScales": Call("PUT", "/v1/scales", {"layouts": [{"prefix": "22", "measure": "price"}]}),
    "hireEmployee": Call("POST", "/v1/employees", {"employee_id": NEW, "store_id": "s1", "name": "Li"}),
    "getEmployee": Call("GET", "/v1/employees/{employee_id}"),
    "changeEmployee": Call("PATCH", "/v1/employees/{employee_id}", {"name": "Li Wei"}),
    "getScores": Call("GET", "/v1/employees/{employee_id}/scores?month=2026-11"),
    "registerCustomer": Call("POST", "/v1/customers", {"name": "Han"}),
    "getCustomer": Call("GET", "/v1/customers/{customer_id}"),
    "changeCustomer": Call("PATCH", "/v1/customers/{customer_id}", {"name": "Han Mei"}),
    "setSegments": Call("PUT", "/v1/customers/{customer_id}/segments", {"segments": ["vip"]}),
    "listConsents": Call("GET", "/v1/customers/{customer_id}/consents"),
    "giveConsent": Call(
        "POST",
        "/v1/customers/{customer_id}/consents",
        {"purpose": "marketing", "channel": "sms", "text_version": "2026-11", "proof": "ticked the box"},
    ),
    "withdrawConsent": Call(
        "POST",
        "/v1/customers/{consenting_id}/consents/withdrawals",
        {"purpose": "marketing", "channel": "sms"},
    ),
    "searchCustomers": Call("POST", "/v1/customers/search", {"name": "Han"}),
    "holdCustomer": Call("POST", "/v1/customers/{customer_id}/hold", {"reason": "lawsuit"}),
    "releaseCustomer": Call("POST", "/v1/customers/{held_id}/release", {"reason": "lawsuit"}),
    "eraseCustomer": Call("POST", "/v1/customers/{erasable_id}/erasure", {"reason": "request"}),
    "exportCustomer": Call("POST", "/v1/customers/{customer_id}/export"),
    "eraseEmployee": Call("POST", "/v1/employees/{employee_id}/erasure", {"reason": "left"}),
    "getRetention": Call("GET", "/v1/retention"),
    "setRetention": Call("PUT", "/v1/retention", {"periods_days": {"phone": 730}}),
    "listAccesses": Call("GET", "/v1/audit/accesses"),
    "getProfile": Call("GET", "/v1/customers/{customer_id}/profile"),
    "receiveStock": Call("POST", "/v1/stores/{store_id}/stock/receipts", {"lines": [line()]}),
    "adjustStock": Call("POST", "/v1/stores/{store_id}/stock/adjustments", {"lines": [line()]}),
    "wasteStock": Call(
        "POST", "/v1/stores/{store_id}/stock/waste", {"lines": [{**line(), "reason": "spoiled"}]}
    ),
    "listStock": Call("GET", "/v1/stores/{store_id}/stock"),
    "getStock": Call("GET", "/v1/stores/{store_id}/stock/{sku}"),
    "checkOut": Call("POST", "/v1/stores/{store_id}/sales", basket()),
    "getReplenishmentPolicy": Call("GET", "/v1/stores/{store_id}/replenishment/policies/{policy_sku}"),
    "setReplenishmentPolicy": Call(
        "PUT",
        "/v1/stores/{store_id}/replenishment/policies/{policy_sku}",
        {"policy": {"rule": {"kind": "min_max", "minimum": 10, "maximum": 40}}},
    ),
    "getDemand": Call("GET", "/v1/stores/{store_id}/replenishment/demand/{sku}"),
    "suggestOrders": Call("POST", "/v1/stores/{store_id}/replenishment/looks"),
    "listSuggestions": Call("GET", "/v1/stores/{store_id}/replenishment/suggestions"),
    "decideSuggestion": Call(
        "POST",
        "/v1/stores/{store_id}/replenishment/suggestions/{sku}/decision",
        {"number": 1, "quantity": 6, "reason": "small shelf"},
    ),
    "markSuggestionsOrdered": Call(
        "POST",
        "/v1/stores/{store_id}/replenishment/suggestions/ordered",
        {"reference": "purchase-p1", "suggestions": [{"sku": "{accepted_sku}", "number": 1}]},
    ),
    "parkSale": Call("POST", "/v1/stores/{store_id}/parked-sales", {"lines": [line()]}),
    "listParkedSales": Call("GET", "/v1/stores/{store_id}/parked-sales"),
    "recallParkedSale": Call(
        "POST", "/v1/stores/{store_id}/parked-sales/{parked_id}/recall", {"register_id": "till-2"}
    ),
    "discardParkedSale": Call(
        "POST",
        "/v1/stores/{store_id}/parked-sales/{open_parked_id}/discarding",
        {"register_id": "till-2"},
    ),
    "recordSales": Call(
        "POST",
        "/v1/stores/{store_id}/sales/batch",
        {
            "sales": [
                {
                    "sale_id": NEW,
                    "lines": [{"sku": "apple", "quantity": 1, "total": cny(1000)}],
                    "tenders": [cash(1000)],
                    "occurred_at": LONG_AGO,
                }
            ]
        },
    ),
    "getSale": Call("GET", "/v1/sales/{sale_id}"),
    "returnLines": Call(
        "POST", "/v1/sales/{sale_id}/returns", {"lines": [{"line": 1, "quantity": 1}], "reason": "soft"}
    ),
    "exchange": Call(
        "POST",
        "/v1/sales/{sale_id}/exchanges",
        {"lines": [{"line": 1, "quantity": 1}], "reason": "soft", "sale": {"lines": [line()], "tenders": []}},
    ),
    "correctSale": Call("POST", "/v1/sales/{sale_id}/corrections", {"reason": "wrong customer"}),
    "returnUnlinked": Call(
        "POST",
        "/v1/stores/{store_id}/returns",
        {
            "lines": [{"sku": "apple", "quantity": 1, "refund": cny(100)}],
            "method": "cash",
            "because": "no receipt",
            "reason": "soft",
        },
    ),
    "getSaleReceipt": Call("GET", "/v1/sales/{sale_id}/receipt"),
    "getReturnReceipt": Call("GET", "/v1/returns/{return_id}/receipt"),
    "getReturnPolicy": Call("GET", "/v1/return-policy"),
    "setReturnPolicy": Call("PUT", "/v1/return-policy", RETURN_POLICY),
    "closePeriod": Call(
        "POST", "/v1/stores/{store_id}/registers/{register_id}/closings", {"period": "day"}
    ),
    "listClosings": Call("GET", "/v1/stores/{store_id}/registers/{register_id}/closings"),
    "openShift": Call(
        "POST", "/v1/stores/{store_id}/registers/{closed_register_id}/shift", {"opening_float": cny(100)}
    ),
    "reportShift": Call("GET", "/v1/stores/{store_id}/registers/{register_id}/shift"),
    "moveCash": Call(
        "POST",
        "/v1/stores/{store_id}/registers/{register_id}/shift/cash-movements",
        {"kind": "pay_in", "amount": cny(100), "reason": "small change"},
    ),
    "countDrawer": Call(
        "POST", "/v1/stores/{store_id}/registers/{register_id}/shift/counts", {"cash": cny(100)}
    ),
    "closeShift": Call(
        "POST",
        "/v1/stores/{store_id}/registers/{counted_register_id}/shift/closing",
        {"occurred_at": LONG_AGO},
    ),
    "registerJournal": Call("GET", "/v1/stores/{store_id}/registers/{register_id}/journal"),
    "listShifts": Call("GET", "/v1/stores/{store_id}/registers/{register_id}/shifts"),
    "listSaleExceptions": Call("GET", "/v1/stores/{store_id}/sales/exceptions"),
    "openCampaign": Call(
        "POST",
        "/v1/coupon-campaigns",
        {"name": "Autumn", "amount_off": cny(100), "valid_from": LONG_AGO, "valid_until": LONG_AFTER},
    ),
    "getCampaign": Call("GET", "/v1/coupon-campaigns/{campaign_id}"),
    "issueCoupons": Call("POST", "/v1/coupon-campaigns/{campaign_id}/coupons", {"count": 3}),
    "getCoupon": Call("GET", "/v1/coupons/{coupon_id}"),
    "reserveCoupons": Call(
        "POST",
        "/v1/coupons/reservations",
        {"coupons": "{codes}", "reference": NEW, "until": "{soon}"},
    ),
    "releaseCoupon": Call(
        "POST", "/v1/coupons/releases", {"code": "{reserved_code}", "reference": "order-17"}
    ),
    "revokeCoupon": Call("POST", "/v1/coupons/{coupon_id}/revocation", {"reason": "copied"}),
    "issueBatch": Call("POST", "/v1/coupon-campaigns/{campaign_id}/batches", {"count": 3}),
    "getBatch": Call("GET", "/v1/coupon-batches/{batch_id}"),
    "exportBatchCodes": Call("GET", "/v1/coupon-batches/{batch_id}/codes"),
    "revokeBatch": Call("POST", "/v1/coupon-batches/{batch_id}/revocation", {"reason": "lost"}),
    "lookUpCoupon": Call("POST", "/v1/coupons/lookup", {"code": "{code}"}),
    "getProgramme": Call("GET", "/v1/loyalty/programme"),
    "setProgramme": Call("PUT", "/v1/loyalty/programme", PROGRAMME),
    "getWallet": Call("GET", "/v1/customers/{customer_id}/wallet"),
    "makeGiftCards": Call("POST", "/v1/gift-cards", {"count": 2, "currency": "CNY"}),
    "getGiftCard": Call("GET", "/v1/gift-cards/{card_id}"),
    "lookUpGiftCard": Call("POST", "/v1/gift-cards/lookup", {"code": "{card_code}"}),
    "blockGiftCard": Call("POST", "/v1/gift-cards/{card_id}/block", {"reason": "lost"}),
    "unblockGiftCard": Call("POST", "/v1/gift-cards/{blocked_card_id}/unblock", {"reason": "found"}),
    "loadGiftCard": Call(
        "POST",
        "/v1/stores/{store_id}/gift-cards/loads",
        {"code": "{card_code}", "amount": cny(500), "tenders": [cash(500)]},
    ),
    "grantCredit": Call(
        "POST", "/v1/customers/{customer_id}/credits", {"amount": cny(500), "reason": "goodwill"}
    ),
    "storedValueReport": Call("GET", "/v1/reports/stored-value"),
    "publishOffer": Call("POST", "/v1/offers", {**OFFER, "offer_id": NEW}),
    "listOffers": Call("GET", "/v1/offers"),
    "getOffer": Call("GET", "/v1/offers/{offer_id}"),
    "changeOffer": Call("PUT", "/v1/offers/{offer_id}", OFFER),
    "endOffer": Call("DELETE", "/v1/offers/{offer_id}"),
    "quote": Call("POST", "/v1/quotes", {"store_id": "s1", "lines": [line()]}),
    "openComplaint": Call("POST", "/v1/complaints", {"text": "The apples were soft."}),
    "listComplaints": Call("GET", "/v1/complaints"),
    "getComplaint": Call("GET", "/v1/complaints/{complaint_id}"),
    "assignComplaint": Call("POST", "/v1/complaints/{open_complaint_id}/assignments", {"employee_id": "e1"}),
    "commentComplaint": Call("POST", "/v1/complaints/{complaint_id}/comments", {"text": "Called her."}),
    "resolveComplaint": Call("POST", "/v1/complaints/{open_complaint_id}/resolutions", {"text": "Refunded."}),
    "reopenComplaint": Call("POST", "/v1/complaints/{complaint_id}/reopenings", {"text": "Not refunded."}),
    "salesReport": Call("GET", "/v1/reports/sales?from=2026-01-01&to=2026-12-31&store_id=s1"),
    "productsReport": Call("GET", "/v1/reports/products?from=2026-01-01&to=2026-12-31&store_id=s1"),
    "productReport": Call("GET", "/v1/reports/products/{sku}?from=2026-01-01&to=2026-12-31&store_id=s1"),
    "promotionsReport": Call("GET", "/v1/reports/promotions?from=2026-01-01&to=2026-12-31&store_id=s1"),
    "listEvents": Call("GET", "/v1/events"),
    "listStreamEvents": Call("GET", "/v1/streams/{stream}/events"),
    "getStreamState": Call("GET", "/v1/streams/{stream}"),
    "getCheckpoint": Call("GET", "/v1/audit/checkpoint"),
    "proveInclusion": Call("GET", "/v1/audit/inclusion?position=1"),
    "proveConsistency": Call("GET", "/v1/audit/consistency?from=1"),
    "exportAudit": Call("GET", "/v1/audit/export?to=2"),
    "getStatus": Call("GET", "/v1/status"),
    "listProjections": Call("GET", "/v1/projections"),
    "createKey": Call("POST", "/v1/keys", {"name": "till", "scopes": ["keys:write"]}),
    "listKeys": Call("GET", "/v1/keys"),
    "rotateKey": Call("POST", "/v1/keys/{key_id}/rotation", {"keep_s": 60}),
    "revokeKey": Call("POST", "/v1/keys/{key_id}/revocation"),
    "signIn": Call(
        "POST",
        "/v1/sessions",
        {"tenant": "shop", "sign_in_name": "{sign_in_name}", "password": PASSWORD},
    ),
    "getSession": Call("GET", "/v1/sessions/current"),
    "signOut": Call("DELETE", "/v1/sessions/current"),
    "changePassword": Call(
        "PUT",
        "/v1/users/me/password",
        {"current_password": PASSWORD, "new_password": "another horse battery"},
    ),
    "addUser": Call("POST", "/v1/users", {"sign_in_name": NEW, "roles": []}),
    "listUsers": Call("GET", "/v1/users"),
    "getUser": Call("GET", "/v1/users/{user_id}"),
    "changeUser": Call("PATCH", "/v1/users/{user_id}", {"disabled": True}),
    "listRoles": Call("GET", "/v1/roles"),
    "eraseUser": Call("POST", "/v1/users/{leaving_id}/erasure", {"reason": "left"}),
    "defineRole": Call("PUT", "/v1/roles/{role}", {"permissions": ["users:write"]}),
    "grantApproval": Call(
        "POST",
        "/v1/approvals",
        {"operation": "discount", "store_id": "s1", "target": NEW, "up_to": 500},
    ),
    "placeOrder": Call("POST", "/v1/stores/{store_id}/orders", {"channel": "web", "lines": [line()]}),
    "listOrders": Call("GET", "/v1/orders"),
    "listOrderExceptions": Call("GET", "/v1/orders/exceptions"),
    "getOrder": Call("GET", "/v1/orders/{order_id}"),
    "payOrder": Call(
        "POST", "/v1/orders/{order_id}/payments", {"payments": [{"method": "card", "amount": cny(1000)}]}
    ),
    "delayOrder": Call(
        "POST", "/v1/orders/{order_id}/delays", {"ship_by": LONG_AFTER, "cause": "supplier late"}
    ),
    "cancelOrder": Call("POST", "/v1/orders/{order_id}/cancellation", {"cause": "changed mind"}),
    "allocateOrder": Call("POST", "/v1/orders/{paid_order_id}/allocation"),
    "pickOrder": Call("POST", "/v1/orders/{allocated_order_id}/picking"),
    "shipOrder": Call("POST", "/v1/orders/{picked_order_id}/shipments", {"carrier": "sf"}),
    "reportCarrierEvent": Call(
        "POST",
        "/v1/orders/{shipped_order_id}/carrier-events",
        {"shipment_id": "p1", "event_id": "1", "status": "in_transit", "happened_at": LONG_AGO},
    ),
    "receiveOrder": Call("POST", "/v1/orders/{shipped_order_id}/receipt"),
    "damageOrder": Call(
        "POST",
        "/v1/orders/{shipped_order_id}/damages",
        {"lines": [{"line": 1, "quantity": 1}], "cause": "crushed"},
    ),
    "failOrder": Call("POST", "/v1/orders/{lost_order_id}/failure", {"cause": "address unknown"}),
    "getCrew": Call("GET", "/v1/stores/{store_id}/crew"),
    "setCrewMember": Call("PUT", "/v1/stores/{store_id}/crew/{employee_id}", {"capacity": 3}),
    "listInbox": Call("GET", "/v1/inbox"),
    "makeOrderLink": Call("POST", "/v1/orders/{order_id}/links", {"valid_s": 60}),
    "trackOrder": Call("GET", "/v1/track/{token}"),
    "addSupplier": Call(
        "POST", "/v1/suppliers", {"supplier_id": NEW, "name": "Orchard", "currency": "CNY"}
    ),
    "listSuppliers": Call("GET", "/v1/suppliers"),
    "getSupplier": Call("GET", "/v1/suppliers/{supplier_id}"),
    "changeSupplier": Call("PATCH", "/v1/suppliers/{untouched_supplier_id}", {"name": "New Orchard"}),
    "addContact": Call("POST", "/v1/suppliers/{supplier_id}/contacts", {"contact_id": NEW, "name": "Bo"}),
    "getContact": Call("GET", "/v1/contacts/{contact_id}"),
    "eraseContact": Call("POST", "/v1/contacts/{leaving_contact_id}/erasure", {"reason": "left"}),
    "setTerms": Call(
        "POST",
        "/v1/suppliers/{supplier_id}/terms",
        {"lines": [{"sku": "apple", "valid_from": "2026-01-01", "unit_cost": cny(320)}]},
    ),
    "listTerms": Call("GET", "/v1/suppliers/{supplier_id}/terms"),
    "getSupplierScores": Call("GET", "/v1/suppliers/{supplier_id}/scores"),
    "draftPurchase": Call(
        "POST",
        "/v1/stores/{store_id}/purchase-orders",
        {"supplier_id": "{supplier_id}", "lines": [{"sku": "apple", "quantity": 5}]},
    ),
    "draftPurchases": Call(
        "POST",
        "/v1/purchase-orders/batches",
        {
            "lines": [
                {"supplier_id": "{supplier_id}", "store_id": "s1", "sku": "apple", "quantity": 5}
            ]
        },
    ),
    "listPurchases": Call("GET", "/v1/purchase-orders"),
    "getPurchase": Call("GET", "/v1/purchase-orders/{purchase_id}"),
    "redraftPurchase": Call(
        "PUT", "/v1/purchase-orders/{draft_purchase_id}", {"lines": [{"sku": "apple", "quantity": 7}]}
    ),
    "getPurchasePaper": Call("GET", "/v1/purchase-orders/{purchase_id}/paper"),
    "exportPurchaseLines": Call("GET", "/v1/purchase-orders/{purchase_id}/lines"),
    "sendPurchase": Call(
        "POST", "/v1/purchase-orders/{unsent_purchase_id}/sending", {"by_mail": False}
    ),
    "confirmPurchase": Call("POST", "/v1/purchase-orders/{purchase_id}/confirmations", {}),
    "closePurchase": Call(
        "POST", "/v1/purchase-orders/{ending_purchase_id}/closing", {"cause": "sold out"}
    ),
    "cancelPurchase": Call(
        "POST", "/v1/purchase-orders/{unwanted_purchase_id}/cancellation", {"cause": "too late"}
    ),
    "receivePurchase": Call(
        "POST",
        "/v1/purchase-orders/{purchase_id}/receipts",
        {"lines": [{"sku": "apple", "accepted": 1}]},
    ),
    "returnToSupplier": Call(
        "POST",
        "/v1/stores/{store_id}/supplier-returns",
        {
            "supplier_id": "{supplier_id}",
            "cause": "bruised",
            "lines": [{"sku": "apple", "quantity": 1}],
        },
    ),
    "getSupplierReturn": Call("GET", "/v1/supplier-returns/{goods_return_id}"),
    "noteCredit": Call(
        "POST",
        "/v1/supplier-returns/{goods_return_id}/credits",
        {"amount": cny(100), "reference": NEW},
    ),
    "sendTransfer": Call(
        "POST",
        "/v1/stores/{store_id}/transfers",
        {"to_store_id": "s2", "lines": [{"sku": "apple", "quantity": 1}]},
    ),
    "listTransfers": Call("GET", "/v1/transfers"),
    "getTransfer": Call("GET", "/v1/transfers/{transfer_id}"),
    "receiveTransfer": Call(
        "POST", "/v1/transfers/{transfer_id}/arrivals", {"lines": [{"sku": "apple", "good": 1}]}
    ),
    "listOnOrder": Call("GET", "/v1/stores/{store_id}/on-order"),
    "livez": Call("GET", "/livez"),
    "readyz": Call("GET", "/readyz"),
    "metrics": Call("GET", "/metrics"),
}  # fmt: skip
KEY_REQUIRED = (
    "receiveStock",
    "adjustStock",
    "wasteStock",
    "checkOut",
    "returnLines",
    "exchange",
    "correctSale",
    "returnUnlinked",
    "closePeriod",
    "openShift",
    "moveCash",
    "countDrawer",
    "closeShift",
    "openCampaign",
    "issueCoupons",
    "issueBatch",
    "reserveCoupons",
    "releaseCoupon",
    "publishOffer",
    "publishPriceList",
    "setPrices",
    "makeGiftCards",
    "loadGiftCard",
    "grantCredit",
    "placeOrder",
    "payOrder",
    "cancelOrder",
    "draftPurchases",
    "receivePurchase",
    "returnToSupplier",
    "noteCredit",
    "sendTransfer",
    "receiveTransfer",
)
PEOPLES = frozenset({"getSession", "signOut", "changePassword", "grantApproval"})
"""What only people do."""
UNKEYED = frozenset(
    {"signIn", "signOut", "createKey", "rotateKey", "revokeKey", "changePassword", "addUser", "changeUser"}
) | {
    "suggestOrders",
    "eraseUser",
    "defineRole",
    "lookUpCoupon",
    "lookUpGiftCard",
    "quote",
    "makeOrderLink",
    "recordSales",
}
"""They take no Idempotency-Key: their answers may hold secrets, or they write nothing in the journal."""
OPEN = frozenset({"signIn", "trackOrder"})
"""What is checked like every call, but needs no key."""
WITH_BODY = [operation for operation, call in CALLS.items() if call.body is not None]
WITH_ID = [operation for operation, call in CALLS.items() if "{" in call.path]


def fresh_barcode() -> str:
    """A code of the trade that no other call of this process got."""
    digits = f"40{int(fresh('')):010}"
    return f"{digits}{check_digit(digits)}"


def routes_of(app: Litestar) -> list[Route]:
    """Every method of every address, but for OPTIONS, which Litestar adds to each."""
    return [
        Route(method, route.path_format, handler)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method, (handler, _) in route.route_handler_map.items()
        if method != "OPTIONS"
    ]


IN_BODIES = ("code", "reserved_code", "card_code", "sign_in_name", "supplier_id", "accepted_sku")
"""Ids that stand in bodies."""


def filled(call: Call, ids: dict[str, str]) -> Call:
    """The request with its ids in place."""
    places: dict[str, Any] = {
        NEW: fresh("new"),
        **{f"{{{name}}}": ids[name] for name in IN_BODIES},
        "{codes}": [{"code": ids["code"]}],
        "{soon}": soon(),
        "{new_barcode}": fresh_barcode(),
    }
    assert not isinstance(call.body, bytes)
    return Call(call.method, call.path.format(**ids), _in_place(call.body, places))


def _in_place(value: Any, places: dict[str, Any]) -> Any:
    match value:
        case dict():
            return {name: _in_place(each, places) for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType]
        case list():
            return [_in_place(each, places) for each in value]  # pyright: ignore[reportUnknownVariableType]
        case str():
            return places.get(value, value)
        case _:
            return value


def soon() -> str:
    """An hour from now."""
    return (datetime.now(UTC) + timedelta(hours=1)).isoformat()


def sender(shop: World, operation: str) -> Caller:
    """The owner: the one with a key, or for what only people do one who signed in just now."""
    return signed_in(shop, "owner") if operation in PEOPLES else shop


def ids_of(shop: World) -> dict[str, str]:
    """Ids of what the requests ask for, all of it new: at its first version, with a line to return."""
    store_id = add_store(shop, fresh("s"))["store_id"]
    employee = {"employee_id": fresh("e"), "store_id": store_id, "name": "Li Lei"}
    receive(shop, "apple", 100, store_id=store_id)
    consenting_id = shop.made("/v1/customers", {"name": "Han"})["customer_id"]
    agreed = {"purpose": "marketing", "channel": "sms", "text_version": "2026-11"}
    shop.made(f"/v1/customers/{consenting_id}/consents", agreed)
    held_id = shop.made("/v1/customers", {"name": "Han"})["customer_id"]
    shop.made(f"/v1/customers/{held_id}/hold", {"reason": "lawsuit"})
    coupon, kept = shop.made("/v1/coupon-campaigns/ten/coupons", {"count": 2})["coupons"]
    reserved = {"coupons": [{"code": kept["code"]}], "reference": "order-17", "until": soon()}
    shop.made("/v1/coupons/reservations", reserved)
    # The one programme: its first version, whoever comes first.
    shop.call("PUT", "/v1/loyalty/programme", PROGRAMME, If_Match='"0"')
    # The one set of layouts, likewise.
    shop.call("PUT", "/v1/scales", {"layouts": [{"prefix": "22", "measure": "price"}]}, If_Match='"0"')
    _make_room_for_a_price_list(shop)
    south = {"list_id": fresh("l"), "name": "South", "currency": "CNY", "stores": [store_id]}
    sku = shop.made("/v1/products", product(fresh("p")))["sku"]
    coded, barcode = shop.made("/v1/products", product(fresh("p")))["sku"], fresh_barcode()
    shop.call("PUT", f"/v1/products/{coded}/barcodes", {"barcodes": [barcode]}, If_Match='"1"')
    card, blocked_card = shop.made("/v1/gift-cards", {"count": 2, "currency": "CNY"})["cards"]
    shop.made(f"/v1/gift-cards/{blocked_card['card_id']}/block", {"reason": "lost"})
    shop.call("PUT", "/v1/return-policy", RETURN_POLICY, If_Match='"0"')
    for register_id in ("main", "counted"):
        shift = f"/v1/stores/{store_id}/registers/{register_id}/shift"
        shop.made(shift, {"opening_float": cny(0)})
        shop.made(f"{shift}/counts", {"cash": cny(0)})
    complaint_id = complain(shop, store_id=store_id)
    shop.made(f"/v1/complaints/{complaint_id}/resolutions", {"text": "Refunded."})
    shop.seal()
    sale_id = sell(shop, line("apple", 4), store_id=store_id)["sale_id"]
    back = {"lines": [{"line": 1, "quantity": 1}], "reason": "soft"}
    return {
        **_suggested(shop, store_id, sku),
        "policy_sku": _with_policy(shop, store_id),
        "store_id": store_id,
        "sku": sku,
        "barcode": barcode,
        "list_id": shop.made("/v1/price-lists", south)["list_id"],
        "employee_id": shop.made("/v1/employees", employee)["employee_id"],
        "customer_id": shop.made("/v1/customers", {"name": "Han"})["customer_id"],
        "register_id": "main",
        "closed_register_id": "closed",
        "parked_id": shop.made(f"/v1/stores/{store_id}/parked-sales", {"lines": [line()]})["parked_id"],
        "open_parked_id": shop.made(f"/v1/stores/{store_id}/parked-sales", {"lines": [line()]})["parked_id"],
        "counted_register_id": "counted",
        "consenting_id": consenting_id,
        "held_id": held_id,
        "erasable_id": shop.made("/v1/customers", {"name": "Han"})["customer_id"],
        "campaign_id": "ten",
        "sale_id": sale_id,
        "return_id": shop.made(f"/v1/sales/{sale_id}/returns", back)["return_id"],
        "offer_id": shop.made("/v1/offers", {**OFFER, "offer_id": fresh("o")})["offer_id"],
        "coupon_id": coupon["coupon_id"],
        "code": coupon["code"],
        "card_id": card["card_id"],
        "card_code": card["code"],
        "blocked_card_id": blocked_card["card_id"],
        "reserved_code": kept["code"],
        "batch_id": shop.made("/v1/coupon-campaigns/ten/batches", {"count": 3})["batch_id"],
        "complaint_id": complaint_id,
        "open_complaint_id": complain(shop, store_id=store_id),
        "stream": "store-s1",
        "key_id": shop.made("/v1/keys", {"name": "till", "scopes": ["keys:write"]})["key_id"],
        "sign_in_name": signed_in(shop, "cashier").sign_in_name,
        "user_id": shop.made("/v1/users", {"sign_in_name": fresh("u"), "roles": []})["user_id"],
        "leaving_id": shop.made("/v1/users", {"sign_in_name": fresh("u"), "roles": []})["user_id"],
        "role": fresh("role"),
        **orders_of(shop, store_id),
        **purchases_of(shop, store_id),
    }


def ids_for(shop: World, operation: str) -> dict[str, str]:
    """New ids of one thing of each kind; for reads those that the last read had, which left all as it was."""
    if CALLS[operation].method != "GET":
        return ids_of(shop)
    if shop not in _READ:
        _READ[shop] = ids_of(shop)
    return _READ[shop]


_READ: WeakKeyDictionary[World, dict[str, str]] = WeakKeyDictionary()


def _with_policy(shop: World, store_id: str, sku: str | None = None) -> str:
    """A product, or a new one, that the store replenishes by hand."""
    sku = sku or shop.made("/v1/products", product(fresh("p")))["sku"]
    policy = {"rule": {"kind": "min_max", "minimum": 10, "maximum": 40}}
    path = f"/v1/stores/{store_id}/replenishment/policies/{sku}"
    assert shop.call("PUT", path, {"policy": policy}, If_Match='"0"').status_code == 200
    return sku


def _suggested(shop: World, store_id: str, sku: str) -> dict[str, str]:
    """An order is suggested of the product, and of another, for which it is accepted."""
    _with_policy(shop, store_id, sku)
    accepted = _with_policy(shop, store_id)
    shop.catch_up()
    assert shop.call("POST", f"/v1/stores/{store_id}/replenishment/looks").json()["suggested"] == 2
    shop.made(f"/v1/stores/{store_id}/replenishment/suggestions/{accepted}/decision", {"number": 1})
    return {"accepted_sku": accepted}


def _make_room_for_a_price_list(shop: World) -> None:
    """There can be 200: ends the oldest, but for those that reads are at."""
    kept = {ids["list_id"] for ids in _READ.values()}
    lists = [each for each in shop.read("/v1/price-lists")["data"] if each["list_id"] not in kept]
    if len(lists) > 150:
        for old in lists[:100]:
            shop.call("DELETE", f"/v1/price-lists/{old['list_id']}", If_Match=f'"{old["version"]}"')


def orders_of(shop: World, store_id: str) -> dict[str, str]:
    """An order in each status that a call needs: an apple, of which the store has some."""
    order_id = order(shop, store_id=store_id)
    return {
        "order_id": order_id,
        "token": shop.made(f"/v1/orders/{order_id}/links", {})["token"],
        "paid_order_id": order(shop, "paid", store_id=store_id),
        "allocated_order_id": order(shop, "allocated", store_id=store_id),
        "picked_order_id": order(shop, "picked", store_id=store_id),
        "shipped_order_id": order(shop, "shipped", store_id=store_id),
        "lost_order_id": order(shop, "shipped", store_id=store_id),
    }


def purchases_of(shop: World, store_id: str) -> dict[str, str]:
    """Suppliers, people there, and a purchase order in each status that a call needs."""
    supplier_id, other_id = supplier(shop), supplier(shop)
    contact_id, leaving_id = fresh("p"), fresh("p")
    for each in (contact_id, leaving_id):
        shop.made(f"/v1/suppliers/{supplier_id}/contacts", {"contact_id": each, "name": "Bo"})
    drafts = {
        name: purchase(shop, supplier_id, store_id=store_id)
        for name in ("draft_purchase_id", "unsent_purchase_id", "unwanted_purchase_id")
    }
    sent = {
        name: purchase(shop, supplier_id, sent=True, store_id=store_id)
        for name in ("purchase_id", "ending_purchase_id")
    }
    went_back = {
        "supplier_id": supplier_id,
        "cause": "bruised",
        "lines": [{"sku": "apple", "quantity": 1}],
    }
    to_send = {"to_store_id": "s1", "lines": [{"sku": "apple", "quantity": 1}]}
    moved = {
        "goods_return_id": shop.made(f"/v1/stores/{store_id}/supplier-returns", went_back)["return_id"],
        "transfer_id": shop.made(f"/v1/stores/{store_id}/transfers", to_send)["transfer_id"],
    }
    people = {"contact_id": contact_id, "leaving_contact_id": leaving_id}
    return {
        "supplier_id": supplier_id,
        "untouched_supplier_id": other_id,
        **people,
        **drafts,
        **sent,
        **moved,
    }


def send(caller: Caller, call: Call, **headers: str) -> Any:
    """Sends it: writes with a key of their own, changes with If-Match for the first version."""
    given = dict(headers)
    if call.method != "GET":
        given.setdefault("Idempotency_Key", fresh())
    given.setdefault("Daybook_Purpose", "test")
    if call.method in {"PATCH", "PUT", "DELETE"}:
        given.setdefault("If_Match", '"1"')
    return caller.call(call.method, call.path, call.body, **{k: v for k, v in given.items() if v})
