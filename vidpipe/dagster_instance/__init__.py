"""Parts of a Dagster instance of vidpipe, which `vidpipe.dagster_storage` puts together.

Belongs here: how its database is reached, what it keeps of definitions, what its daemon logs.
Does not: anything of the pipeline.
"""
