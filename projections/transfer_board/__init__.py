"""Which goods are on the way between stores?"""
