"""Tasks other than chat and text generation: from a call to any provider's requests, and back."""
