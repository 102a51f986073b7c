"""Who supplies which SKU, and at what terms?"""
