"""Outreach: decisions on messages to customers, which see rules, customers, consents, coupons and stores."""
