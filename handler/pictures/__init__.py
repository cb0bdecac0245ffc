"""Bytes of a picture to bytes of its thumbnails; knows nothing of AWS."""
