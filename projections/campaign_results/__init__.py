"""What did a care rule lead to, against those who got no message?"""
