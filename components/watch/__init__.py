"""The resources that watch both accounts."""
