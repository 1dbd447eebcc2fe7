"""How Sphinx makes the site: ``scripts/docs``.

Sphinx because it is kept up, reads the docstrings as they are written (reStructuredText), checks
every link and anchor within, and makes pages that load nothing from elsewhere and can be searched
without a server. MyST reads the same Markdown that a forge shows. MkDocs, the usual other choice,
has had no release since 2024, and its Material theme ended its support in 2026.
"""

from __future__ import annotations

import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS.parent / "src"), str(DOCS / "extensions")]

import hfi  # noqa: E402 - the path is set above

project = "hfi"
author = "The hfi developers"
version = release = hfi.__version__

extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "myst_parser", "public_names"]
exclude_patterns = ["extensions"]
source_suffix = {".md": "markdown"}
root_doc = "index"

# Anchors as forges make them, down to the fourth level; a link to one that is not there is a
# warning, and with -W an error.
myst_heading_anchors = 4

# Quotation marks in docstrings are those of Python.
smartquotes = False

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_custom_sections = [("Options", "params_style")]
python_maximum_signature_line_length = 88
python_use_unqualified_type_names = True
add_module_names = False

html_theme = "furo"
html_title = f"hfi {release}"
html_static_path = ["_static"]
html_css_files = ["hfi.css"]
html_copy_source = False
html_show_sphinx = False
html_show_search_summary = False  # a browser fetches nothing beside a page that is a file
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}
