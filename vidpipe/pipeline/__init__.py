"""The pipeline: what is computed when, by whom, at most once."""
