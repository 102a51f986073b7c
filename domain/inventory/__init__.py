"""Stock items: how much of a SKU a store holds, and what it cost."""
