"""The deployed state against the program, a line for each part."""
