"""A pretend cloud: it holds what no emulator has, and refuses what AWS refuses."""
