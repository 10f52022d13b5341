"""The layered graph: `fold` makes boxes of the rows, `layers` and `places` lay them out, `picture` draws them."""
