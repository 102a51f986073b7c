"""What did a promotion take off, what did it bring, and to whom?"""
