"""The model's words for what the product says: its answers, and the states that its journal folds to."""

from collections.abc import Mapping

import msgspec

from domain.catalog.product import NegativeStock, Product
from domain.checkout.check_out import SaleAnswer
from domain.checkout.return_document import ReturnAnswer
from domain.inventory.stock_item import StockItem
from domain.kernel.command import Done
from domain.kernel.stream import Versioned
from domain.promotions.campaign import Campaign, CustomerQuota
from domain.promotions.coupon import Coupon, CouponsIssued
from domain.sales.sale import Sale
from domain.stockroom.moves import StockDocumentBooked
from domain.tills.till import Till
from tests.support.facts import STORE_ID
from tests.support.shop_model import Facts, ShopModel


def told(result: msgspec.Struct) -> Facts:
    """What an answer says, as far as the model foretells it."""
    match result:
        case SaleAnswer():
            return {
                "receipt": result.receipt_number,
                "subtotal": result.subtotal_minor,
                "discount": result.discount_minor,
                "total": result.total_minor,
                "change": result.change_minor,
                "lines": [line.net_minor for line in result.lines],
            }
        case ReturnAnswer():
            return {
                "receipt": result.receipt_number,
                "total": result.total_minor,
                "lines": [line.refund_minor for line in result.lines],
            }
        case StockDocumentBooked():
            return {"on_hand": [line.on_hand for line in result.lines]}
        case CouponsIssued():
            return {"coupons": list(result.coupon_ids)}
        case Done():
            return {"id": result.id}
        case _:
            raise NotImplementedError(type(result).__name__)


def recorded(states: Mapping[str, Versioned]) -> Facts:
    """What the journal says of every stream that the model knows of."""
    shop: Facts = {}
    for stream, versioned in states.items():
        match state := versioned.state:
            case StockItem():
                shop[stream] = state.on_hand
            case Till():
                shop[stream] = state.last_number
            case Product():
                shop[stream] = (state.price_minor, state.negative_stock is NegativeStock.BLOCK)
            case Campaign():
                shop[stream] = state.redeemed
            case CustomerQuota():
                shop[stream] = state.redeemed
            case Coupon():
                shop[stream] = (state.campaign_id, state.customer_id, state.sale_id)
            case Sale(completed=completed) if completed is not None:
                shop[stream] = [
                    (line.sku, line.quantity, line.net_minor, state.returned.get(line.line, 0))
                    for line in completed.lines
                ]
            case _:
                pass
    return shop


def modelled(shop: ShopModel) -> Facts:
    """The same as `recorded`, of the model."""
    return {
        **{f"stock-{STORE_ID}/{sku}": count for sku, count in shop.on_hand.items()},
        **{f"till-{STORE_ID}/{register}": number for register, number in shop.receipts.items()},
        **{f"product-{sku}": (price, sku in shop.scarce) for sku, price in shop.prices.items()},
        **{f"campaign-{id_}": campaign.uses for id_, campaign in shop.campaigns.items()},
        **{
            f"quota-{id_}/{customer}": uses
            for id_, campaign in shop.campaigns.items()
            for customer, uses in campaign.uses_of.items()
        },
        **{
            f"coupon-{id_}": (coupon.campaign_id, coupon.owner, coupon.spent_in)
            for id_, coupon in shop.coupons.items()
        },
        **{
            f"sale-{id_}": [(line.sku, line.quantity, line.paid, line.returned) for line in lines]
            for id_, lines in shop.sales.items()
        },
    }
