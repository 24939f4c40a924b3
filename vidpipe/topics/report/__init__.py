"""The report of a topic run: one HTML file that asks nothing of a network.

Belongs here: gathering what it shows, the page's data, texts, pictures, styles and scripts.
Does not: finding topics (the modules beside this folder).
"""
