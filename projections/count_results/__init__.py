"""What did counts find, and how much of it turned out to be a late sale?"""
