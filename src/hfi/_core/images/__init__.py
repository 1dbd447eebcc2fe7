"""Images: from a prompt to the requests of any provider, and from their replies to images."""
