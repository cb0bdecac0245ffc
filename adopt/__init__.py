"""Work on a bucket that existed before the program; it only reads, unless a step says otherwise."""
