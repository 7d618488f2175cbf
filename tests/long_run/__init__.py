"""A site that lives for hours in minutes, with three servers and everything that goes wrong.

``python -m tests.long_run`` ends with status 1 where the site remembers anything else than the servers have.
"""
