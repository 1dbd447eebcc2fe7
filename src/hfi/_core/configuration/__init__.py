"""Who calls, where to and with what: a client's arguments and the environment, settled."""
