"""Background processes: the relay, the workers, the clock."""
