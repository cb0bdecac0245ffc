"""The code that runs in Lambda; it imports nothing from Pulumi."""
