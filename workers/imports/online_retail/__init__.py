"""The Online Retail data set: a year of a real retailer's invoices."""
