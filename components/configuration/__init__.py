"""What a stack is told: read, checked, and frozen."""
