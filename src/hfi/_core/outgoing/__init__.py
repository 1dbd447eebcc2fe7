"""Requests, from what users write to bytes: messages, media, options, payloads."""
