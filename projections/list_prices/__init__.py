"""What does a price list have of which product?"""
