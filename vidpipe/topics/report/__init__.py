"""The report of a topic run: one HTML file."""
