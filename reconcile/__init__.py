"""Compares originals with thumbnails, says what it costs, and sends what is missing."""
