"""Text generation, and chat over it: from a prompt to requests, and from replies to values."""
