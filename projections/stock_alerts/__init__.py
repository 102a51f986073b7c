"""What of a store's stock should somebody look at, who has, and what is told from where on?"""
