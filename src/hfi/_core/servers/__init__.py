"""What servers of one's own tell and do besides inference: health, facts, tokens, ranks."""
