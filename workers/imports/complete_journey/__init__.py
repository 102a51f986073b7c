"""Complete Journey: campaigns, whom they were sent to, coupons, redemptions, and a sample of transactions."""
