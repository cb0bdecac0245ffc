"""The questions that people ask of the evidence, one module each."""
