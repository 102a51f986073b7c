"""What was sold, where, when, of what, by whom?"""
