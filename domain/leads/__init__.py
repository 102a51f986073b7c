"""Who might become a customer who buys, and what is to be done about it and when."""
