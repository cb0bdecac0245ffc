"""What an administrator makes once in each account, so that pull requests can deploy."""
