"""Prompts on the client: chat templates rendered as transformers does, without transformers.

``rendering.py`` renders, ``repair.py`` renders what a template would refuse, ``families.py`` formats
for models that have no template, ``tools.py`` makes schemas of functions, ``capabilities.py`` says
what a template can do. ``sandbox`` runs the templates and is the only part that imports jinja2.
"""
