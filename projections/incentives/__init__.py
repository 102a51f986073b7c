"""What does an employee get for their sales of a month, and for which?"""
