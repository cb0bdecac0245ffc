"""Compares the deployed state with the program; one line for each part."""
