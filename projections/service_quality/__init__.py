"""How fast do employees and stores answer, how often does it last, and how content are customers?"""
