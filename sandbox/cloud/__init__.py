"""A pretend cloud: it holds what the emulator lacks, and refuses what AWS refuses."""
