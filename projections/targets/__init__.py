"""What is to be reached, and how much of it has been?"""
