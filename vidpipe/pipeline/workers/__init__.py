"""The work of each stage, done in worker processes: one module a stage, named as its lake table."""
