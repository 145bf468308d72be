"""Administration: people, keys of other systems, how the installation runs, and its logs."""
