"""Which suppliers are there, and how well does each deliver what was ordered?"""
