"""Which orders are there, whose are they, where do they stand, and which need somebody to act?"""
