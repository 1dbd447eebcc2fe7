"""Commands for tasks: one module each, over what they share."""
