"""Decisions over sale, stock, coupons and receipts together."""
