"""What is known of past calls: trail files, the event history, the log; read and checked."""
