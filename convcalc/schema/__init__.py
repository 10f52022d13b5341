"""The language for editors: its words with their meanings, and the JSON Schema made from them."""
