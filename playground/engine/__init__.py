"""The part of the playground that runs in the worker: what the page shows of a text, as values that become JSON.

It imports convcalc and nothing of the browser, so that CPython runs it too: in the tests, and for the first view.
"""
