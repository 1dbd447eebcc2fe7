"""``hfi doctor``: what is in the way of a call, and what to do about it."""
