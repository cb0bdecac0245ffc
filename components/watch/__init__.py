"""What is deployed to watch both accounts."""
