"""What the shop does for the customer of a case once it has an answer: it asks, and it makes amends."""
