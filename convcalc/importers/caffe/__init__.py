"""Networks of Caffe: its `.prototxt` files."""
