"""What is deployed, as Pulumi components; `__main__.py` puts them together."""
