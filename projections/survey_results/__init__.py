"""Who was asked what, and what did they say?"""
