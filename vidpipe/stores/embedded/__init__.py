"""The PostgreSQL of vidpipe's own."""
