"""What did a SKU bring, in which category, by when that was recorded?"""
