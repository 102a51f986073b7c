"""What happened at a register, in order, and what did each of its shifts take?"""
