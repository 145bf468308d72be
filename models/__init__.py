"""Tables and pure rules. Nothing here knows Flask, HTTP or the network."""
