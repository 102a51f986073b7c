"""What is true of operations, by their names: which read, need a key or a version, wait, or change."""

READS = frozenset({"lookUpCoupon", "quote", "searchCustomers", "exportCustomer", "signIn", "signOut"}) | {
    "lookUpGiftCard",
    "makeOrderLink",
}
"""They write nothing in the journal; a POST asks what must not stand in an address, or reads very much."""
UNKEYED = frozenset(
    {"createKey", "rotateKey", "revokeKey", "addUser", "changeUser", "changePassword", "defineRole"}
) | {"eraseUser", "recordSales", "suggestOrders", "lookAtStock"}
"""They take no Idempotency-Key: their answers may hold a secret, which is not kept, or ids are their keys."""
APPROVABLE = frozenset({"checkOut", "returnLines", "exchange", "correctSale", "returnUnlinked"}) | {
    "cancelOrder",
    "closeShift",
    "grantCredit",
    "loadGiftCard",
    "markDown",
    "moveCash",
    "recordVoid",
}
"""They honour Daybook-Approval."""
KEY_REQUIRED = frozenset(
    {
        "receiveStock",
        "adjustStock",
        "holdStock",
        "releaseStock",
        "relocateStock",
        "addLandedCost",
        "wasteStock",
        "donateStock",
        "checkOut",
        "returnLines",
        "exchange",
        "correctSale",
        "returnUnlinked",
        "openCampaign",
        "closePeriod",
        "openShift",
        "moveCash",
        "countDrawer",
        "closeShift",
        "recordVoid",
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
    }
)
"""They move money, stock or coupons. Every other write takes an Idempotency-Key too."""
WAITING = frozenset(
    {
        "listStock",
        "getStock",
        "getStockValue",
        "listMovements",
        "wasteReport",
        "getCampaign",
        "listTargets",
        "getBatch",
        "getProfile",
        "getWallet",
        "storedValueReport",
        "getScores",
        "salesReport",
        "productsReport",
        "productReport",
        "promotionsReport",
        "registerJournal",
        "listShifts",
        "listSaleExceptions",
        "listParkedSales",
        "listPrices",
        "listComplaints",
        "searchCustomers",
        "listOrders",
        "listOrderExceptions",
        "getDemand",
        "listSuggestions",
        "suggestOrders",
        "listAlerts",
        "lookAtStock",
        "listSuppliers",
        "listTerms",
        "getSupplierScores",
        "listPurchases",
        "listOnOrder",
        "listTransfers",
    }
)
"""They honour Daybook-Min-Position; all others read the journal itself, which is never behind."""
WITH_ETAG = frozenset(
    {
        "getStore",
        "getProduct",
        "getEmployee",
        "getCustomer",
        "getSale",
        "reportShift",
        "getCampaign",
        "getCoupon",
        "getBatch",
        "getComplaint",
        "getOffer",
        "getPriceList",
        "getScales",
        "getMarkdown",
        "getProgramme",
        "getReturnPolicy",
        "getOrder",
        "getUser",
        "listConsents",
        "getRetention",
        "getReplenishmentPolicy",
        "getAlertDefaults",
        "getStoreAlerts",
        "getProductAlerts",
        "getItemAlerts",
        "getSupplier",
        "getContact",
        "getPurchase",
        "getPurchasePaper",
        "getSupplierReturn",
        "getTransfer",
    }
) | {"lookUpCoupon", "getGiftCard", "lookUpGiftCard"}
OPENING = frozenset(
    {
        "getCustomer",
        "changeCustomer",
        "searchCustomers",
        "exportCustomer",
        "getEmployee",
        "changeEmployee",
        "getComplaint",
        "getProfile",
        "getWallet",
        "listConsents",
        "listUsers",
        "getUser",
        "changeUser",
        "exportBatchCodes",
        "getContact",
    }
) | {"getDelivery"}
"""They tell personal data, which is logged with the purpose."""

CHANGING = frozenset(
    {
        "changeOffer",
        "endOffer",
        "setProgramme",
        "setReturnPolicy",
        "changePriceList",
        "endPriceList",
        "setBarcodes",
        "setScales",
        "setSegments",
        "setReplenishmentPolicy",
        "setAlertDefaults",
        "setStoreAlerts",
        "setProductAlerts",
        "setItemAlerts",
        "redraftPurchase",
    }
)
"""As every PATCH, they change what was read: If-Match names the version, and the answer tells the new one."""
