"""Who belongs to which segment, and how many did so when?"""
