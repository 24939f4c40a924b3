"""The PostgreSQL of vidpipe's own: initialised, started, joined and stopped by vidpipe.

Belongs here: the life of that server; `server` is what others call.
Does not: what is inside its databases (`sql/`), a server that the user brings.
"""
