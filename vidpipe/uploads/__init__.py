"""Uploads: what arrives, and what it says of itself."""
