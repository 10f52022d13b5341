"""Networks of Keras 2 and 3: `.keras`, the JSON of `model.to_json()`, and `.h5`."""
