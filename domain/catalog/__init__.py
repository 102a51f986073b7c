"""Products: what is sold, per piece or by gram."""
