"""Everything that makes Dagster act by itself, and what its pages show of that.

Belongs here: partitions, jobs, sensors, schedules, checks, runs in a process of our own.
Does not: assets (vidpipe.assets), nor any rule that holds without Dagster (the rooms below).
"""
