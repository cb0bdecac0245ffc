"""The deployed resources as Pulumi components; `__main__.py` puts them together."""
