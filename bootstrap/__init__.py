"""Resources that an administrator makes once in each account, so that the workflows can deploy."""
