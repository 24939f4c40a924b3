"""Whether this host can run vidpipe, and what is missing.

Belongs here: looking at the host, its software, models and stores, one module for each.
Does not: mending anything. Every check leaves the host as it found it.
"""
