"""How much of an item did a store sell on a day, when was there none, and at which hours does it sell?"""
