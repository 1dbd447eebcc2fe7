"""Chat templates compiled to Python in which everything that could grow is counted.

Jinja2 parses, and writes the code; ``codegen.py`` has it call ``operations.py`` wherever an operand
could be large, ``filters.py`` and ``methods.py`` hold all a template may call, and ``checks.py``
lets each body pay for its own work. ``meter.py``, one folder up, keeps the counters.
"""
