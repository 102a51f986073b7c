"""Which complaints are there, whose are they, where do they stand?"""
