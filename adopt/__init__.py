"""Work on a bucket that was there before the program; it reads only, unless told otherwise."""
