"""The textbook figure: the feature maps of a network to scale, with the windows between them.

`stages` chooses the maps, `places` puts them in a row or in a U, `picture` draws them.
"""
