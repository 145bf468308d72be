"""Running the whole service: on one machine with `make run`, or as units and containers."""
