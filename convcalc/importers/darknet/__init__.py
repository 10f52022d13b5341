"""Networks of darknet: its `.cfg` files."""
