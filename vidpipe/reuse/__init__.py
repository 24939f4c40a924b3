"""Reused footage: which videos show the same footage, edited how, and who posted it first.

Belongs here: comparing contents by their footage prints, verdicts, clusters, calibration.
Does not: making prints (vidpipe.media), Dagster (vidpipe.assets.reused_footage), the terminal.
"""
