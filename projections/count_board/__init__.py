"""Which counts are there, and how far are they?"""
