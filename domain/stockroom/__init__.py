"""Decisions that move stock: they see stores, products and stock items."""
