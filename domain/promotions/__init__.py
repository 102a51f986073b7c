"""Coupon campaigns and their coupons."""
