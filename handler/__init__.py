"""What runs in Lambda; imports nothing of Pulumi."""
