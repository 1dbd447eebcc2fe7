"""Replies, from bytes to values: whole, streamed, and cut anywhere."""
