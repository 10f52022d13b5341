"""The page of `convcalc report`: one file of HTML with the drawing, the table and the derivations of networks.

Everything on it is computed here. The script only shows and hides: it reads the texts and their order from JSON.
"""
