"""The two deployed accounts: clients that only read, their permissions, and what leads to what."""
