"""The questions that people ask, one module for each."""
