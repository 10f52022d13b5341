"""What a spec says: its entries, blocks, params, expressions and includes."""
