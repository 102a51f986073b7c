"""The demo shop: a small fruit chain with three weeks of trade, told through real commands."""
