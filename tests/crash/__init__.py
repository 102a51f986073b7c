"""Whatever ends, and whenever: an acknowledged sale is there once, and the shop comes back by itself."""
