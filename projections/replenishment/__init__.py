"""By what is an item ordered, what is suggested, and why?"""
