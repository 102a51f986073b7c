"""What does a customer hold, and what does the shop owe: points, tier, coupons, gift cards and credit?"""
