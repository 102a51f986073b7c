"""What did a coupon campaign give away, and what did it bring?"""
