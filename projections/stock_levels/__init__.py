"""How much of each SKU does a store hold, and what became of it?"""
