"""What did others see of demand, day by day, and when was there nothing to buy?"""
