"""Under which category and in which time zone does something of the past stand in reports?"""
