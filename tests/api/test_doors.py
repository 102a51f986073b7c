"""Who may come in: no route without a rule, no key beyond its scopes and stores."""

import pytest

from api.auth import ANYBODY
from infra.api_keys import KEY_PREFIX, PEOPLE_SCOPES
from tests.support.api import World, basket, complain, problem, sell
from tests.support.calls import CALLS, OPEN, WITH_ID
from tests.support.routes import filled, routes_of, send, sender
from tests.support.things import ids_for, ids_of

REVOKE = "UPDATE daybook.api_keys SET revoked_at = now() WHERE key_id = %s"
EXPIRE = "UPDATE daybook.api_keys SET expires_at = now() - interval '1 second' WHERE key_id = %s"
EXPIRE_LATER = "UPDATE daybook.api_keys SET expires_at = now() + interval '1 hour' WHERE key_id = %s"
# A role of the same name is the neighbour's own.
NEIGHBOURLY = [operation for operation in WITH_ID if operation != "defineRole"]
PUBLIC = {"/livez", "/readyz", "/metrics"}


@pytest.fixture(scope="module")
def ids(shop: World) -> dict[str, str]:
    """Ids of what is in the shop."""
    return ids_of(shop)


def test_every_route_is_public_or_has_a_scope(shop: World) -> None:
    unguarded = [
        route.path for route in routes_of(shop.app) if not route.public and not route.handler.opt.get("scope")
    ]
    assert unguarded == []


def test_only_signing_in_needs_no_key_besides(shop: World) -> None:
    opened = {route.handler.operation_id for route in routes_of(shop.app) if route.open and not route.public}
    assert opened == OPEN


def test_only_health_metrics_and_docs_are_public(shop: World) -> None:
    public = {route.path for route in routes_of(shop.app) if route.public}
    assert {path for path in public if not path.startswith("/docs")} == PUBLIC


def test_every_operation_is_walked_over(shop: World) -> None:
    operations = {route.handler.operation_id for route in routes_of(shop.app) if route.path[:4] != "/doc"}
    assert operations - {None} == set(CALLS)


def test_without_a_key_every_route_is_closed(shop: World) -> None:
    stranger = shop.stranger()
    answers = {
        (route.method, route.path): problem(stranger.call(route.method, route.path))
        for route in routes_of(shop.app)
        if not route.open
    }
    assert set(answers.values()) == {(401, "unauthenticated")}


def test_what_a_route_can_do_is_not_told_without_a_key(shop: World) -> None:
    """The framework adds OPTIONS to every address; HEAD is no method of ours."""
    stranger = shop.stranger()
    paths = {route.path for route in routes_of(shop.app) if not route.public}
    asked = {stranger.call("OPTIONS", path).status_code for path in paths}
    assert asked == {401}
    assert {shop.call("HEAD", path).status_code for path in paths} <= {404, 405}


def test_without_the_scope_every_route_is_closed(shop: World) -> None:
    nobody = shop.caller("prices:override")
    answers = {
        (route.method, route.path): problem(nobody.call(route.method, route.path))
        for route in routes_of(shop.app)
        if not route.open
    }
    assert set(answers.values()) == {(403, "forbidden")}


def test_a_scope_opens_its_own_routes_only(shop: World) -> None:
    """Its own scope alone opens a route, and all others together do not."""
    closed = [route for route in routes_of(shop.app) if not route.open]
    scopes = {str(route.handler.opt["scope"]) for route in closed} - PEOPLE_SCOPES
    for scope in scopes:
        own, others = shop.caller(scope), shop.caller(*scopes - {scope})
        for route in closed:
            if route.handler.opt["scope"] == scope:
                told = [who.call(route.method, route.path).status_code for who in (own, others)]
                assert [status == 403 for status in told] == [False, True], route
    every = shop.caller(*scopes)
    for route in closed:
        if route.handler.opt["scope"] in PEOPLE_SCOPES:
            assert every.call(route.method, route.path).status_code == 403, route


@pytest.mark.parametrize("operation", CALLS)
def test_with_its_scope_every_operation_is_open(shop: World, operation: str) -> None:
    (scope,) = {
        route.handler.opt.get("scope", "*")
        for route in routes_of(shop.app)
        if route.handler.operation_id == operation
    }
    if scope in PEOPLE_SCOPES:
        caller = sender(shop, operation)
    else:
        caller = shop.stranger() if scope in {"*", ANYBODY} else shop.caller(scope)
    assert send(caller, filled(CALLS[operation], ids_for(shop, operation))).status_code in {200, 201, 303}


STORE_BOUND = (
    "addSupplier",
    "changeSupplier",
    "addContact",
    "eraseContact",
    "setTerms",
    "draftPurchase",
    "draftPurchases",
    "getPurchase",
    "redraftPurchase",
    "getPurchasePaper",
    "exportPurchaseLines",
    "sendPurchase",
    "confirmPurchase",
    "closePurchase",
    "cancelPurchase",
    "listOnOrder",
    "receivePurchase",
    "returnToSupplier",
    "getSupplierReturn",
    "noteCredit",
    "sendTransfer",
    "startCount",
    "listCounts",
    "getCount",
    "listCountItems",
    "listCountDifferences",
    "addToCount",
    "countLines",
    "askRecount",
    "approveCount",
    "postCount",
    "cancelCount",
    "placeOrder",
    "makeOrderLink",
    "getOrder",
    "payOrder",
    "cancelOrder",
    "allocateOrder",
    "pickOrder",
    "shipOrder",
    "reportCarrierEvent",
    "attendOrder",
    "getDelivery",
    "setDelivery",
    "eraseGuest",
    "receiveOrder",
    "delayOrder",
    "damageOrder",
    "failOrder",
    "getCrew",
    "setCrewMember",
    "setCrewAbsence",
    "addProduct",
    "changeProduct",
    "setTaxRate",
    "openCampaign",
    "holdCustomer",
    "releaseCustomer",
    "mergeCustomers",
    "unmergeCustomers",
    "tellApart",
    "listDuplicates",
    "importCustomers",
    "holdEmployee",
    "releaseEmployee",
    "eraseCustomer",
    "exportCustomer",
    "publishOffer",
    "changeOffer",
    "endOffer",
    "setProgramme",
    "makeGiftCards",
    "blockGiftCard",
    "unblockGiftCard",
    "loadGiftCard",
    "grantCredit",
    "storedValueReport",
    "setReturnPolicy",
    "quote",
    "targetCustomers",
    "issueCoupons",
    "issueBatch",
    "exportBatchCodes",
    "revokeBatch",
    "revokeCoupon",
    "createKey",
    "listKeys",
    "rotateKey",
    "revokeKey",
    "addUser",
    "listUsers",
    "getUser",
    "changeUser",
    "eraseUser",
    "defineRole",
    "getStore",
    "changeStore",
    "getEmployee",
    "changeEmployee",
    "getScores",
    "setScheme",
    "listReviews",
    "getReview",
    "draftReview",
    "giveReview",
    "acknowledgeReview",
    "commentReview",
    "followUpPlan",
    "listFollowUps",
    "awardHonour",
    "getSchemePeriod",
    "getStatement",
    "closeSchemePeriod",
    "hireEmployee",
    "receiveStock",
    "adjustStock",
    "holdStock",
    "releaseStock",
    "relocateStock",
    "addLandedCost",
    "listLots",
    "getStockValue",
    "listMovements",
    "wasteReport",
    "turnoverReport",
    "storageReport",
    "getStorageCosts",
    "listCountsDue",
    "countResults",
    "listStockClasses",
    "getCountPlan",
    "setCountPlan",
    "setStorageCosts",
    "setStockPolicy",
    "wasteStock",
    "donateStock",
    "expiryBoard",
    "disposeExpired",
    "setMarkdownLadder",
    "defineField",
    "setProductFields",
    "listMarkdowns",
    "listMarkdownProposals",
    "decideMarkdown",
    "listStock",
    "getStock",
    "getOrderingPolicy",
    "setOrderingPolicy",
    "acknowledgeAlert",
    "lookAtStock",
    "setAlertDefaults",
    "setProductAlerts",
    "getStoreAlerts",
    "setStoreAlerts",
    "getItemAlerts",
    "setItemAlerts",
    "listAlertRecipients",
    "setAlertRecipient",
    "getReplenishmentPolicy",
    "setReplenishmentPolicy",
    "getDemand",
    "suggestOrders",
    "listSuggestions",
    "decideSuggestion",
    "markSuggestionsOrdered",
    "checkOut",
    "recordSales",
    "parkSale",
    "listParkedSales",
    "recallParkedSale",
    "discardParkedSale",
    "getSale",
    "returnLines",
    "exchange",
    "getSaleReceipt",
    "getReturnReceipt",
    "correctSale",
    "returnUnlinked",
    "closePeriod",
    "listClosings",
    "openShift",
    "reportShift",
    "moveCash",
    "countDrawer",
    "closeShift",
    "registerJournal",
    "listShifts",
    "listSaleExceptions",
    "getComplaint",
    "assignComplaint",
    "commentComplaint",
    "resolveComplaint",
    "reopenComplaint",
    "respondToComplaint",
    "pauseComplaint",
    "resumeComplaint",
    "prioritiseComplaint",
    "referComplaint",
    "makeComplaintSurvey",
    "settleComplaint",
    "getSurvey",
    "reportReferral",
    "acceptResolution",
    "disputeResolution",
    "complaintReport",
    "openLead",
    "getLead",
    "giveLead",
    "advanceLead",
    "noteLead",
    "winLead",
    "loseLead",
    "reopenLead",
    "setFollowUpRules",
    "openTask",
    "getTask",
    "giveTask",
    "rescheduleTask",
    "completeTask",
    "cancelTask",
    "leadReport",
    "getServiceContact",
    "setServiceContact",
    "complaintCauses",
    "serviceQuality",
    "recommendationReport",
    "defineSegment",
    "setGoal",
    "setScorecard",
    "openCycle",
    "closeCycle",
    "rateEmployee",
    "listCycleScores",
    "getCycleScore",
    "getGoal",
    "endGoal",
    "setServiceTerms",
    "setSurveyPlan",
    "setCareRule",
    "getCareResults",
    "noteReaction",
    "getStoreServiceTerms",
    "setStoreServiceTerms",
    "salesReport",
    "openStore",
    "listEvents",
    "listStreamEvents",
)


@pytest.mark.parametrize("operation", STORE_BOUND)
def test_a_key_of_one_store_does_not_open_another(shop: World, ids: dict[str, str], operation: str) -> None:
    elsewhere = shop.caller(stores=["s2"])
    assert shop.refusal(lambda: send(elsewhere, filled(CALLS[operation], ids))) == (403, "forbidden")


def test_a_key_of_a_store_opens_it(shop: World) -> None:
    assert shop.caller(stores=["s2"]).post("/v1/stores/s2/sales", basket()).status_code == 201


def test_an_employee_is_not_moved_into_a_store_that_the_key_does_not_open(shop: World) -> None:
    here = shop.caller(stores=["s1"])
    change = {"store_id": "s2"}
    assert shop.refusal(lambda: here.patch("/v1/employees/e1", change, version=1)) == (403, "forbidden")


def test_a_complaint_of_no_store_needs_a_key_of_all(shop: World) -> None:
    path = f"/v1/complaints/{complain(shop)}"
    here = shop.caller(stores=["s1"])
    assert shop.refusal(lambda: here.get(path)) == (403, "forbidden")


# --- keys -------------------------------------------------------------------------------------------


def answer_to(shop: World, authorization: bytes) -> tuple[int, str]:
    """What a read is answered with such a header."""
    return problem(shop.client.get("/v1/status", headers={b"Authorization": authorization}))


@pytest.mark.parametrize(
    "authorization",
    [
        b"",
        b"Bearer",
        b"Bearer ",
        b"Basic dXNlcjpwYXNz",
        b"Bearer x",
        f"Bearer {KEY_PREFIX}_0123456789ab".encode(),
        f"Bearer {KEY_PREFIX}_0123456789ab_".encode(),
        f"Bearer {KEY_PREFIX}_0123456789ab_{'0' * 48}".encode(),
        f"Bearer {KEY_PREFIX}_a\x00b_0".encode(),
        f"Bearer {KEY_PREFIX}_'; DROP TABLE api_keys_0".encode(),
        f"Bearer {KEY_PREFIX}_ä_ö".encode(),
        b"Bearer \xff\xfe",
        b"Bearer " + b"x" * 5_000,
    ],
)
def test_a_key_that_is_none_is_refused(shop: World, authorization: bytes) -> None:
    assert answer_to(shop, authorization) == (401, "unauthenticated")


def test_a_key_with_another_secret_is_refused(shop: World) -> None:
    prefix, key_id, _ = shop.key.split("_")
    assert answer_to(shop, f"Bearer {prefix}_{key_id}_{'0' * 48}".encode()) == (401, "unauthenticated")


def test_the_secret_of_another_key_is_refused(shop: World) -> None:
    prefix, key_id, _ = shop.key.split("_")
    secret = shop.new_key().split("_")[2]
    assert answer_to(shop, f"Bearer {prefix}_{key_id}_{secret}".encode()) == (401, "unauthenticated")


@pytest.mark.parametrize("end", [REVOKE, EXPIRE])
def test_a_key_that_has_ended_is_refused(shop: World, end: str) -> None:
    key = shop.new_key()
    shop.query(end, key.split("_")[1])
    assert answer_to(shop, f"Bearer {key}".encode()) == (401, "unauthenticated")


def test_a_key_that_will_expire_is_good_until_then(shop: World) -> None:
    key = shop.new_key()
    shop.query(EXPIRE_LATER, key.split("_")[1])
    assert shop.stranger(key).get("/v1/status").status_code == 200


def test_a_refusal_names_the_scheme(shop: World) -> None:
    assert shop.stranger().get("/v1/status").headers["WWW-Authenticate"] == "Bearer"


def test_a_secret_is_stored_nowhere(shop: World) -> None:
    sell(shop)
    assert shop.key.split("_")[2] not in shop.everything_stored()
