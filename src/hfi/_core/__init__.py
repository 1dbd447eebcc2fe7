"""The pure half of hfi: bytes and values in, values out, no I/O, no clock, no environment."""
