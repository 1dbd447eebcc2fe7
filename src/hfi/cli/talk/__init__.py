"""``hfi chat`` without a prompt: a conversation."""
