"""Which leads are there, whose are they, how far have they come, and what became of them?"""
