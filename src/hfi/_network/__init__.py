"""How bytes move, in each colour, under the clock of a call."""
