"""Messages: what is told to customers and staff, kept in an inbox and perhaps sent."""
