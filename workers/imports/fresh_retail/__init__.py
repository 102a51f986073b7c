"""Fresh retail: 76 days of perishable goods in 60 stores, by hour, with the hours out of stock."""
