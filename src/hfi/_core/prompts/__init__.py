"""Prompts on the client: chat templates rendered as transformers does, without transformers.

``rendering.py`` renders, ``repair.py`` renders what a template would refuse, ``families.py``
formats for models without a template, ``tools.py`` makes schemas of functions, and
``capabilities.py`` says what a template can do. ``sandbox`` runs the templates and is the only
part that imports jinja2.
"""
