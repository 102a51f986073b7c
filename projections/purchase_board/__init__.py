"""Which orders to suppliers are there, where do they stand, and how much of each SKU is on order?"""
