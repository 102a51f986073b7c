"""Which lots does a store hold, and when does each of them have to be sold?"""
