"""Which baskets are put aside in a store?"""
