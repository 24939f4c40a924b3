"""What vidpipe needs of a PostgreSQL server, and what a server lacks of it.

Belongs here: every rule with its sentence and the SQL with which an administrator meets it. An
upgrade of the schema refuses by the same rules; `vidpipe db check` lists what they find, at once.
Does not: changing anything.
"""
