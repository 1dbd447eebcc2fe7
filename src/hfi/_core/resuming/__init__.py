"""Taking a broken stream up again: the request for the rest, and the seam between the parts."""
