"""Who was distinguished in a month, and by what?"""
