"""The demonstration: `make demo` and `make play`."""
