"""Records of past calls, read and checked: trail files, the event history, the log."""
