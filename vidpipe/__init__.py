"""vidpipe: uploaded social-media videos as searchable, clustered, investigable tables."""
