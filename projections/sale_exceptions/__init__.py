"""Which sales that were made offline have something against the rules, and what?"""
