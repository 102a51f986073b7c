"""When was an item counted last, and is it being counted?"""
