"""Which reviews are there, how far are they, and what is to be followed up when?"""
