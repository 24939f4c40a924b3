"""Publication: from the lake to PostgreSQL, and whether it is right."""
