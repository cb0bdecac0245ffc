"""Compares originals with thumbnails, shows the cost, and sends what lacks thumbnails."""
