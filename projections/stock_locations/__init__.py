"""What came to which location of a store and left it, and what do the locations cost?"""
