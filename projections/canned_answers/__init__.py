"""Which canned answers are offered, in which language, for which cases?"""
