"""What are complaints about, by product, lot, supplier, store, employee and cause, and what do they cost?"""
