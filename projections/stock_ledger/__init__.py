"""What moved, and what was the stock worth at any instant?"""
