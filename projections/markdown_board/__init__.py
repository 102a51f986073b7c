"""Which goods are marked down, and which markdowns wait to be decided on?"""
