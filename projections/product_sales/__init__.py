"""How much of a product was sold, where and when, and what did it bring?"""
