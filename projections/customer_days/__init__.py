"""What did a customer buy, day by day?"""
