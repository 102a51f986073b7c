"""A valid request to every operation of the API, and what is asked of some. Places in `{…}` take ids."""

from typing import Any, NamedTuple

from tests.support.api import (
    LONG_AFTER,
    LONG_AGO,
    basket,
    cash,
    cny,
    line,
    product,
)
from tests.support.people import PASSWORD

Json = dict[str, Any]


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

MARKDOWN: Json = {
    "sku": "apple",
    "lot": "l-17",
    "labels": 3,
    "off": 5000,
    "reason": "near expiry",
    "until": "2199-01-01T00:00:00Z",
}
SERVICE_TERMS: Json = {
    "calendar": {"time_zone": "UTC", "weekly": [[{"from_min": 540, "until_min": 1080}]] * 5 + [[], []]},
    "goals": [{"priority": "normal", "goals": {"first_response_min": 60}}],
}
FOLLOW_UPS: Json = {"rules": [{"rule": "call", "on": "opened", "action": "call", "in_days": 1}]}
SURVEY_PLAN: Json = {"nps": "year"}
SEGMENT: Json = {"rule": {"kind": "measure", "measure": "purchases", "at_least": 1_000_000}}
TARGET: Json = {"first_day": "2026-01-01", "last_day": "2199-12-31", "count": 100, "store_id": "s1"}
SCORECARD: Json = {
    "currency": "CNY",
    "parts": [
        {"indicator": "sales", "weight": 60, "full_at": 10_000, "cap_milli": 6_000},
        {"indicator": "attendance", "weight": 40, "full_at": 1_000, "cap_milli": 5_000},
    ],
}
CARE_RULE: Json = {
    "name": "Birthday",
    "occasion": "birthday",
    "store_id": "s1",
    "channel": "email",
    "texts": [{"language": "en", "subject": "Happy birthday", "text": "Dear {name}"}],
    "active_from": "2026-01-01",
    "quiet": {"from_min": 0, "until_min": 0},
    "page": "https://shop.example/spring",
}
ALERT_DEFAULTS: Json = {"thresholds": {"expiring_days": 3}}
RETURN_POLICY: Json = {"default": {"days": 365}}

SCHEME: Json = {
    "from_period": "2026-01",
    "terms": {
        "currency": "CNY",
        "commission": [{"base": "net", "tiers": [{"from_minor": 0, "rate_bp": 300}]}],
        "bonuses": [{"base": "net", "steps": [{"from_minor": 100_000, "amount_minor": 5_000}]}],
    },
}

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
    "listPrices": Call("GET", "/v1/price-lists/{list_id}/prices"),
    "setPrices": Call(
        "POST", "/v1/price-lists/{list_id}/prices", {"prices": [{"sku": "apple", "price": cny(1000)}]}
    ),
    "setTaxRate": Call("POST", "/v1/tax-rates", {"category": "toys", "valid_from": "2026-01-01", "rate": 1}),
    "listTaxRates": Call("GET", "/v1/tax-rates"),
    "markDown": Call("POST", "/v1/stores/{store_id}/markdowns", MARKDOWN),
    "getMarkdown": Call("GET", "/v1/stores/{store_id}/markdowns/{label}"),
    "endMarkdown": Call("POST", "/v1/stores/{store_id}/markdowns/{label}/ending"),
    "listMarkdowns": Call("GET", "/v1/stores/{store_id}/markdowns"),
    "setMarkdownLadder": Call("PUT", "/v1/markdown-ladders/{ladder}", {"category": "toys", "steps": []}),
    "listMarkdownLadders": Call("GET", "/v1/markdown-ladders"),
    "listMarkdownProposals": Call("GET", "/v1/stores/{store_id}/markdown-proposals"),
    "decideMarkdown": Call(
        "POST",
        "/v1/stores/{store_id}/markdown-proposals/{marked_sku}/decision",
        {"number": 1, "accept": True},
    ),
    "expiryBoard": Call("GET", "/v1/stores/{store_id}/expiry-board?days=3"),
    "disposeExpired": Call("POST", "/v1/stores/{store_id}/stock/expired-disposals", {"reason": "expired"}),
    "wasteByCategory": Call("GET", "/v1/reports/waste?from=2026-01-01&to=2026-12-31"),
    "readBarcode": Call("GET", "/v1/barcodes/{barcode}"),
    "getScales": Call("GET", "/v1/scales"),
    "setScales": Call("PUT", "/v1/scales", {"layouts": [{"prefix": "22", "measure": "price"}]}),
    "hireEmployee": Call("POST", "/v1/employees", {"employee_id": NEW, "store_id": "s1", "name": "Li"}),
    "getEmployee": Call("GET", "/v1/employees/{employee_id}"),
    "changeEmployee": Call("PATCH", "/v1/employees/{employee_id}", {"name": "Li Wei"}),
    "getScores": Call("GET", "/v1/employees/{employee_id}/scores?month=2026-11"),
    "listGoals": Call("GET", "/v1/targets"),
    "getGoal": Call("GET", "/v1/targets/{target_id}"),
    "setGoal": Call("PUT", "/v1/targets/{target_id}", TARGET),
    "endGoal": Call("DELETE", "/v1/targets/{target_id}"),
    "getScorecard": Call("GET", "/v1/scorecards/{scorecard_id}"),
    "setScorecard": Call("PUT", "/v1/scorecards/{scorecard_id}", SCORECARD),
    "openCycle": Call("POST", "/v1/scorecards/{scorecard_id}/cycles", {"period": "2026-01"}),
    "getCycle": Call("GET", "/v1/scorecards/{cycled_scorecard_id}/cycles/2026-01"),
    "closeCycle": Call("POST", "/v1/scorecards/{closing_scorecard_id}/cycles/2026-01/closing"),
    "rateEmployee": Call(
        "PUT",
        "/v1/scorecards/{cycled_scorecard_id}/cycles/2026-01/ratings/{employee_id}",
        {"indicator": "attendance", "figure": 900},
    ),
    "listCycleScores": Call("GET", "/v1/scorecards/{cycled_scorecard_id}/cycles/2026-01/scores"),
    "getCycleScore": Call(
        "GET", "/v1/scorecards/{scored_scorecard_id}/cycles/2026-01/scores/{scored_employee_id}"
    ),
    "registerCustomer": Call("POST", "/v1/customers", {"name": "Han"}),
    "getCustomer": Call("GET", "/v1/customers/{customer_id}"),
    "changeCustomer": Call("PATCH", "/v1/customers/{customer_id}", {"name": "Han Mei"}),
    "changeCustomerFacts": Call("PATCH", "/v1/customers/{customer_id}/facts", {"tags": ["early-bird"]}),
    "setCustomerFields": Call(
        "PATCH", "/v1/customers/{customer_id}/fields", {"values": {"newsletter": None}}
    ),
    "setProductFields": Call("PATCH", "/v1/products/{sku}/fields", {"values": {"brand": None}}),
    "defineField": Call(
        "PUT",
        "/v1/custom-fields",
        {"of": "customer", "field": "newsletter", "label": "Newsletter", "type": "boolean"},
    ),
    "listFields": Call("GET", "/v1/custom-fields"),
    "setAddress": Call(
        "PUT",
        "/v1/customers/{customer_id}/addresses",
        {"place": "home", "address": {"lines": ["Via Po 2"], "city": "Roma", "country": "IT"}},
    ),
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
    "importCustomers": Call(
        "POST",
        "/v1/customers/import",
        {"csv": "Name\nHan\n", "mapping": {"columns": {"Name": "name"}}},
    ),
    "listDuplicates": Call("GET", "/v1/customers/duplicates"),
    "listRecords": Call("GET", "/v1/customers/{customer_id}/records"),
    "mergeCustomers": Call("POST", "/v1/customers/{customer_id}/merges", {"other_id": "{mergeable_id}"}),
    "unmergeCustomers": Call("POST", "/v1/customers/{merged_id}/unmerges", {"other_id": "{merged_other_id}"}),
    "tellApart": Call("POST", "/v1/customers/{customer_id}/distinctions", {"other_id": "{merged_other_id}"}),
    "holdCustomer": Call("POST", "/v1/customers/{customer_id}/hold", {"reason": "lawsuit"}),
    "releaseCustomer": Call("POST", "/v1/customers/{held_id}/release", {"reason": "lawsuit"}),
    "eraseCustomer": Call("POST", "/v1/customers/{erasable_id}/erasure", {"reason": "request"}),
    "exportCustomer": Call("POST", "/v1/customers/{customer_id}/export"),
    "holdEmployee": Call("POST", "/v1/employees/{employee_id}/hold", {"reason": "lawsuit"}),
    "releaseEmployee": Call("POST", "/v1/employees/{held_employee_id}/release", {"reason": "lawsuit"}),
    "eraseEmployee": Call("POST", "/v1/employees/{leaving_employee_id}/erasure", {"reason": "left"}),
    "getRetention": Call("GET", "/v1/retention"),
    "setRetention": Call("PUT", "/v1/retention", {"periods_days": {"phone": 730}}),
    "listAccesses": Call("GET", "/v1/audit/accesses"),
    "getProfile": Call("GET", "/v1/customers/{customer_id}/profile"),
    "receiveStock": Call("POST", "/v1/stores/{store_id}/stock/receipts", {"lines": [line()]}),
    "adjustStock": Call("POST", "/v1/stores/{store_id}/stock/adjustments", {"lines": [line()]}),
    "wasteStock": Call(
        "POST", "/v1/stores/{store_id}/stock/waste", {"lines": [{**line(), "reason": "spoiled"}]}
    ),
    "donateStock": Call(
        "POST",
        "/v1/stores/{store_id}/stock/donations",
        {"recipient": "food-bank", "lines": [{**line(), "reason": "surplus"}]},
    ),
    "holdStock": Call(
        "POST", "/v1/stores/{store_id}/stock/quarantine", {"lines": [{**line(), "reason": "recalled"}]}
    ),
    "releaseStock": Call("POST", "/v1/stores/{store_id}/stock/releases", {"lines": [line()]}),
    "relocateStock": Call(
        "POST", "/v1/stores/{store_id}/stock/relocations", {"lines": [{**line(), "to_location": "cold room"}]}
    ),
    "addLandedCost": Call(
        "POST",
        "/v1/stores/{store_id}/stock/landed-costs",
        {"amount": cny(100), "basis": "quantity", "lines": [line()]},
    ),
    "listLots": Call("GET", "/v1/stores/{store_id}/stock/{sku}/lots"),
    "getStockValue": Call("GET", "/v1/stores/{store_id}/stock-value"),
    "wasteReport": Call("GET", "/v1/stores/{store_id}/waste-report?from=2026-01-01&to=2026-12-31"),
    "turnoverReport": Call("GET", "/v1/stores/{store_id}/turnover?from=2026-01&to=2026-12"),
    "storageReport": Call("GET", "/v1/stores/{store_id}/storage-report?from=2026-01&to=2026-12"),
    "countResults": Call("GET", "/v1/stores/{store_id}/count-results?from=2026-01-01&to=2026-12-31"),
    "listCountsDue": Call("GET", "/v1/stores/{store_id}/counts/due"),
    "listStockClasses": Call("GET", "/v1/stores/{store_id}/stock-classes"),
    "getCountPlan": Call("GET", "/v1/stores/{store_id}/count-plan"),
    "setCountPlan": Call("PUT", "/v1/stores/{store_id}/count-plan", {"a_days": 14}),
    "getStorageCosts": Call("GET", "/v1/stores/{store_id}/storage-costs"),
    "setStorageCosts": Call("PUT", "/v1/stores/{store_id}/storage-costs", {"costs": [{"month": cny(100)}]}),
    "listMovements": Call("GET", "/v1/stores/{store_id}/stock/{sku}/movements"),
    "getStockPolicy": Call("GET", "/v1/stock-policy"),
    "setStockPolicy": Call("PUT", "/v1/stock-policy", {"cost_method": "average"}),
    "listStock": Call("GET", "/v1/stores/{store_id}/stock"),
    "getStock": Call("GET", "/v1/stores/{store_id}/stock/{sku}"),
    "checkOut": Call("POST", "/v1/stores/{store_id}/sales", basket()),
    "getReplenishmentPolicy": Call("GET", "/v1/stores/{store_id}/replenishment/policies/{policy_sku}"),
    "setReplenishmentPolicy": Call(
        "PUT",
        "/v1/stores/{store_id}/replenishment/policies/{policy_sku}",
        {"policy": {"rule": {"kind": "min_max", "minimum": 10, "maximum": 40}}},
    ),
    "getOrderingPolicy": Call("GET", "/v1/stores/{store_id}/replenishment/suppliers/{gathered_supplier_id}"),
    "setOrderingPolicy": Call(
        "PUT", "/v1/stores/{store_id}/replenishment/suppliers/{gathered_supplier_id}", {"automatic": "open"}
    ),
    "getDemand": Call("GET", "/v1/stores/{store_id}/replenishment/demand/{suggested_sku}"),
    "suggestOrders": Call("POST", "/v1/stores/{store_id}/replenishment/looks"),
    "listSuggestions": Call("GET", "/v1/stores/{store_id}/replenishment/suggestions"),
    "decideSuggestion": Call(
        "POST",
        "/v1/stores/{store_id}/replenishment/suggestions/{suggested_sku}/decision",
        {"number": 1, "quantity": 6, "reason": "small shelf"},
    ),
    "markSuggestionsOrdered": Call(
        "POST",
        "/v1/stores/{store_id}/replenishment/suggestions/ordered",
        {"reference": "purchase-p1", "suggestions": [{"sku": "{accepted_sku}", "number": 1}]},
    ),
    "listAlerts": Call("GET", "/v1/alerts"),
    "acknowledgeAlert": Call(
        "POST", "/v1/stores/{store_id}/alerts/{alerted_sku}/acknowledgement", {"number": 1, "note": "ordered"}
    ),
    "lookAtStock": Call("POST", "/v1/stores/{store_id}/alerts/looks"),
    "getAlertDefaults": Call("GET", "/v1/alert-thresholds"),
    "setAlertDefaults": Call("PUT", "/v1/alert-thresholds", ALERT_DEFAULTS),
    "getStoreAlerts": Call("GET", "/v1/stores/{told_store_id}/alert-thresholds"),
    "setStoreAlerts": Call(
        "PUT", "/v1/stores/{told_store_id}/alert-thresholds", {"thresholds": {"dead_days": 90}}
    ),
    "getProductAlerts": Call("GET", "/v1/products/{told_sku}/alert-thresholds"),
    "setProductAlerts": Call(
        "PUT", "/v1/products/{told_sku}/alert-thresholds", {"thresholds": {"off": ["dead"]}}
    ),
    "getItemAlerts": Call("GET", "/v1/stores/{store_id}/alert-thresholds/{told_sku}"),
    "setItemAlerts": Call(
        "PUT", "/v1/stores/{store_id}/alert-thresholds/{told_sku}", {"thresholds": {"low": 10, "high": 40}}
    ),
    "listAlertRecipients": Call("GET", "/v1/stores/{store_id}/alert-recipients"),
    "setAlertRecipient": Call(
        "PUT", "/v1/stores/{store_id}/alert-recipients/{employee_id}", {"email": "e1@shop.example"}
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
    "recordVoid": Call(
        "POST",
        "/v1/stores/{store_id}/voids",
        {"lines": [{**line("apple"), "amount": cny(1000)}], "whole": True, "reason": "customer left"},
    ),
    "registerJournal": Call("GET", "/v1/stores/{store_id}/registers/{register_id}/journal"),
    "listShifts": Call("GET", "/v1/stores/{store_id}/registers/{register_id}/shifts"),
    "listSaleExceptions": Call("GET", "/v1/stores/{store_id}/sales/exceptions"),
    "settleSaleException": Call(
        "POST",
        "/v1/stores/{store_id}/sales/{exceptional_sale_id}/settlements",
        {"number": 1, "reason": "old price label"},
    ),
    "openCampaign": Call(
        "POST",
        "/v1/coupon-campaigns",
        {"name": "Autumn", "amount_off": cny(100), "valid_from": LONG_AGO, "valid_until": LONG_AFTER},
    ),
    "getCampaign": Call("GET", "/v1/coupon-campaigns/{campaign_id}"),
    "targetCustomers": Call(
        "POST", "/v1/coupon-campaigns/{targeted_campaign_id}/targets", {"customer_ids": ["c1"]}
    ),
    "listTargets": Call("GET", "/v1/coupon-campaigns/{targeted_campaign_id}/targets"),
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
    "defineSegment": Call("PUT", "/v1/segments/{segment_id}", SEGMENT),
    "listSegments": Call("GET", "/v1/segments"),
    "countSegment": Call("GET", "/v1/segments/{segment_id}/counts?from=2026-01-01&to=2026-12-31"),
    "listSegmentMembers": Call("GET", "/v1/segments/{segment_id}/members"),
    "getSegment": Call("GET", "/v1/segments/{segment_id}"),
    "awardHonour": Call(
        "POST",
        "/v1/honours",
        {"period": "2026-01", "title": "best seller", "employee_ids": ["e1"], "among": 9},
    ),
    "listHonours": Call("GET", "/v1/honours?period=2026-01"),
    "performanceReport": Call("GET", "/v1/reports/performance?month=2026-01"),
    "listReviews": Call("GET", "/v1/employees/{reviewed_employee_id}/reviews"),
    "getReview": Call("GET", "/v1/employees/{reviewed_employee_id}/reviews/q4"),
    "draftReview": Call("PUT", "/v1/employees/{drafted_employee_id}/reviews/q4", {"text": "Better."}),
    "giveReview": Call("POST", "/v1/employees/{drafted_employee_id}/reviews/q4/giving"),
    "acknowledgeReview": Call(
        "POST", "/v1/employees/{reviewed_employee_id}/reviews/q4/acknowledgement", {"comment": None}
    ),
    "commentReview": Call(
        "POST", "/v1/employees/{reviewed_employee_id}/reviews/q4/comments", {"comment": "Thanks."}
    ),
    "followUpPlan": Call(
        "POST", "/v1/employees/{reviewed_employee_id}/reviews/q4/follow-ups", {"plan": 1, "outcome": "done"}
    ),
    "listFollowUps": Call("GET", "/v1/stores/{store_id}/follow-ups?due=2199-01-01"),
    "getScheme": Call("GET", "/v1/schemes/{scheme_id}"),
    "setScheme": Call("PUT", "/v1/schemes/{scheme_id}", SCHEME | {"from_period": "2026-02"}),
    "getSchemePeriod": Call("GET", "/v1/schemes/{scheme_id}/periods/2026-01"),
    "getStatement": Call("GET", "/v1/schemes/{scheme_id}/periods/2026-01/statements/{employee_id}"),
    "closeSchemePeriod": Call("POST", "/v1/schemes/{scheme_id}/periods/2026-01/closing"),
    "listCareRules": Call("GET", "/v1/care-rules"),
    "getCareRule": Call("GET", "/v1/care-rules/{rule_id}"),
    "setCareRule": Call("PUT", "/v1/care-rules/{rule_id}", CARE_RULE),
    "getCareResults": Call("GET", "/v1/care-rules/{rule_id}/results"),
    "noteReaction": Call(
        "POST", "/v1/care-reactions", {"message_id": "{message_id}", "kind": "rated", "rating": 5}
    ),
    "followCareLink": Call("GET", "/v1/care/{care_token}"),
    "listCareMessages": Call("GET", "/v1/customers/{customer_id}/care-messages"),
    "listWishes": Call("GET", "/v1/customers/{customer_id}/wishes"),
    "noteWish": Call("POST", "/v1/customers/{customer_id}/wishes", {"sku": "apple"}),
    "withdrawWish": Call("POST", "/v1/customers/{wishing_id}/wishes/withdrawals", {"sku": "apple"}),
    "getServiceTerms": Call("GET", "/v1/service-terms"),
    "setServiceTerms": Call("PUT", "/v1/service-terms", SERVICE_TERMS),
    "getStoreServiceTerms": Call("GET", "/v1/stores/{served_store_id}/service-terms"),
    "setStoreServiceTerms": Call("PUT", "/v1/stores/{served_store_id}/service-terms", SERVICE_TERMS),
    "settleComplaint": Call(
        "POST",
        "/v1/complaints/{settled_complaint_id}/settlements",
        {
            "text": "Refunded.",
            "refund": {"sale_id": "{sale_id}", "lines": [{"line": 1, "quantity": 1}], "reason": "soft"},
        },
    ),
    "getSurveyPlan": Call("GET", "/v1/survey-plan"),
    "setSurveyPlan": Call("PUT", "/v1/survey-plan", SURVEY_PLAN),
    "makeComplaintSurvey": Call("POST", "/v1/complaints/{complaint_id}/survey-links"),
    "makeCustomerSurvey": Call("POST", "/v1/customers/{customer_id}/survey-links"),
    "getSurvey": Call("GET", "/v1/surveys/{survey_id}"),
    "showSurvey": Call("GET", "/v1/survey/{survey_token}"),
    "answerSurvey": Call("POST", "/v1/survey/{survey_token}", {"score": 5, "comment": "Quick."}),
    "respondToComplaint": Call("POST", "/v1/complaints/{open_complaint_id}/responses", {"text": "We look."}),
    "pauseComplaint": Call("POST", "/v1/complaints/{open_complaint_id}/pauses", {"reason": "photo"}),
    "resumeComplaint": Call("POST", "/v1/complaints/{open_complaint_id}/resumptions"),
    "prioritiseComplaint": Call(
        "POST", "/v1/complaints/{open_complaint_id}/priorities", {"priority": "high"}
    ),
    "referComplaint": Call("POST", "/v1/complaints/{open_complaint_id}/referrals", {"to": "head office"}),
    "reportReferral": Call(
        "POST", "/v1/complaints/{referred_complaint_id}/referral-reports", {"outcome": "closed"}
    ),
    "acceptResolution": Call("POST", "/v1/complaints/{disputed_complaint_id}/acceptance"),
    "disputeResolution": Call("POST", "/v1/complaints/{disputed_complaint_id}/disputes", {"text": "No."}),
    "complaintReport": Call(
        "GET", "/v1/reports/complaints?from=2026-01-01&to=2026-12-31&group_by=product&store_id=s1"
    ),
    "openLead": Call(
        "POST",
        "/v1/leads",
        {"customer_id": "c1", "store_id": "s1", "source": "trade fair", "text": "Wants a hamper."},
    ),
    "listLeads": Call("GET", "/v1/leads"),
    "getLead": Call("GET", "/v1/leads/{lead_id}"),
    "giveLead": Call("POST", "/v1/leads/{lead_id}/assignments", {"employee_id": "e1"}),
    "advanceLead": Call("POST", "/v1/leads/{lead_id}/stages", {"stage": "quoted", "amount": cny(900)}),
    "noteLead": Call("POST", "/v1/leads/{lead_id}/notes", {"text": "Calls back."}),
    "winLead": Call("POST", "/v1/leads/{won_lead_id}/wins", {"sale_id": None}),
    "loseLead": Call("POST", "/v1/leads/{lost_lead_id}/losses", {"reason": "price"}),
    "reopenLead": Call("POST", "/v1/leads/{over_lead_id}/reopenings"),
    "getFollowUpRules": Call("GET", "/v1/follow-up-rules"),
    "setFollowUpRules": Call("PUT", "/v1/follow-up-rules", FOLLOW_UPS),
    "openTask": Call(
        "POST",
        "/v1/tasks",
        {
            "store_id": "s1",
            "subject": "customer-c1",
            "action": "call",
            "due_at": "2199-01-01T09:00:00Z",
            "text": "After six.",
        },
    ),
    "listTasks": Call("GET", "/v1/tasks"),
    "getTask": Call("GET", "/v1/tasks/{task_id}"),
    "giveTask": Call("POST", "/v1/tasks/{task_id}/assignments", {"employee_id": "e1"}),
    "rescheduleTask": Call("POST", "/v1/tasks/{task_id}/due-times", {"due_at": "2199-01-02T09:00:00Z"}),
    "completeTask": Call("POST", "/v1/tasks/{done_task_id}/completion", {"outcome": "reached"}),
    "cancelTask": Call("POST", "/v1/tasks/{dropped_task_id}/cancellation", {"reason": "not wanted"}),
    "leadReport": Call(
        "GET", "/v1/reports/leads?from=2026-01-01&to=2026-12-31&group_by=source&store_id=s1"
    ),
    "listAnswers": Call("GET", "/v1/answers"),
    "getAnswer": Call("GET", "/v1/answers/{answer_id}"),
    "setAnswer": Call("PUT", "/v1/answers/{answer_id}", {"language": "en", "text": "We are sorry."}),
    "retireAnswer": Call("POST", "/v1/answers/{answer_id}/retirement"),
    "draftAnswer": Call("GET", "/v1/complaints/{complaint_id}/drafts/{answer_id}"),
    "listDueComplaints": Call("GET", "/v1/complaint-deadlines"),
    "getServiceContact": Call("GET", "/v1/service-contacts/{employee_id}"),
    "setServiceContact": Call("PUT", "/v1/service-contacts/{employee_id}", {"email": "e1@shop.example"}),
    "complaintCauses": Call(
        "GET", "/v1/reports/complaint-causes?from=2026-01-01&to=2026-12-31&group_by=product,cause&store_id=s1"
    ),
    "serviceQuality": Call(
        "GET", "/v1/reports/service-quality?from=2026-01-01&to=2026-12-31&group_by=employee&store_id=s1"
    ),
    "recommendationReport": Call("GET", "/v1/reports/recommendations"),
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
    "getDelivery": Call("GET", "/v1/orders/{guest_order_id}/delivery"),
    "setDelivery": Call("PUT", "/v1/orders/{guest_order_id}/delivery", {"pick_up": True}),
    "eraseGuest": Call("POST", "/v1/orders/{guest_order_id}/guest/erasure", {"reason": "request"}),
    "attendOrder": Call(
        "POST", "/v1/orders/{order_id}/attention", {"matter": "call", "about": "remind_to_pay"}
    ),
    "receiveOrder": Call("POST", "/v1/orders/{shipped_order_id}/receipt"),
    "damageOrder": Call(
        "POST",
        "/v1/orders/{shipped_order_id}/damages",
        {"lines": [{"line": 1, "quantity": 1}], "cause": "crushed"},
    ),
    "failOrder": Call("POST", "/v1/orders/{lost_order_id}/failure", {"cause": "address unknown"}),
    "getCrew": Call("GET", "/v1/stores/{store_id}/crew"),
    "setCrewAbsence": Call("PUT", "/v1/stores/{store_id}/crew/{crewed_employee_id}/absence", {"away": True}),
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
    "confirmPurchase": Call(
        "POST", "/v1/purchase-orders/{purchase_id}/confirmations", {"expected_on": "2199-01-01"}
    ),
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
    "startCount": Call("POST", "/v1/stores/{store_id}/counts", {"count_id": NEW, "kind": "spot"}),
    "listCounts": Call("GET", "/v1/stores/{store_id}/counts"),
    "getCount": Call("GET", "/v1/stores/{store_id}/counts/{count_id}"),
    "listCountItems": Call("GET", "/v1/stores/{store_id}/counts/{count_id}/items"),
    "listCountDifferences": Call("GET", "/v1/stores/{store_id}/counts/{count_id}/differences"),
    "addToCount": Call("POST", "/v1/stores/{store_id}/counts/{count_id}/items", {"skus": ["apple"]}),
    "countLines": Call(
        "POST",
        "/v1/stores/{store_id}/counts/{count_id}/lines",
        {"lines": [{"sku": "apple", "quantity": 3}]},
    ),
    "askRecount": Call("POST", "/v1/stores/{store_id}/counts/{count_id}/recounts", {"skus": ["apple"]}),
    "approveCount": Call(
        "POST", "/v1/stores/{store_id}/counts/{count_id}/approvals", {"up_to": cny(100)}
    ),
    "postCount": Call(
        "POST",
        "/v1/stores/{store_id}/counts/{posted_count_id}/postings",
        {"leave_uncounted": True},
    ),
    "cancelCount": Call("POST", "/v1/stores/{store_id}/counts/{dropped_count_id}/cancellations"),
    "listOnOrder": Call("GET", "/v1/stores/{store_id}/on-order"),
    "livez": Call("GET", "/livez"),
    "readyz": Call("GET", "/readyz"),
    "metrics": Call("GET", "/metrics"),
}  # fmt: skip
KEY_REQUIRED = (
    "receiveStock",
    "adjustStock",
    "donateStock",
    "disposeExpired",
    "holdStock",
    "releaseStock",
    "relocateStock",
    "addLandedCost",
    "wasteStock",
    "checkOut",
    "returnLines",
    "exchange",
    "correctSale",
    "returnUnlinked",
    "closePeriod",
    "closeSchemePeriod",
    "openShift",
    "moveCash",
    "countDrawer",
    "closeShift",
    "recordVoid",
    "openCampaign",
    "issueCoupons",
    "issueBatch",
    "reserveCoupons",
    "releaseCoupon",
    "publishOffer",
    "publishPriceList",
    "setPrices",
    "markDown",
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
    "postCount",
    "cancelCount",
    "settleComplaint",
)
PEOPLES = frozenset({"getSession", "signOut", "changePassword", "grantApproval"})
"""What only people do."""
UNKEYED = frozenset(
    {"signIn", "signOut", "createKey", "rotateKey", "revokeKey", "changePassword", "addUser", "changeUser"}
) | {
    "eraseUser",
    "defineRole",
    "lookUpCoupon",
    "lookUpGiftCard",
    "quote",
    "makeOrderLink",
    "recordSales",
    "importCustomers",
    "suggestOrders",
    "lookAtStock",
    "answerSurvey",
}
"""They take no Idempotency-Key: their answers may hold secrets, or they write nothing in the journal."""
OPEN = frozenset({"signIn", "trackOrder", "showSurvey", "answerSurvey", "followCareLink"})
"""What is checked like every call, but needs no key."""
WITH_BODY = [operation for operation, call in CALLS.items() if call.body is not None]
WITH_ID = [operation for operation, call in CALLS.items() if "{" in call.path]
