"""Who may be written to on which occasion: rules, customers, what they bought or asked for, price drops."""
