"""When was an item counted last, is it being counted, and which of its lots expire?"""
