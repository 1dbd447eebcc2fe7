"""Embeddings: long lists of texts in parts, and vectors read out of replies."""
