"""How the documentation is built: ``make docs``, without a network and with warnings as errors."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

from django_bbb import __version__

project = "django-bbb"
project_copyright = "the authors of django-bbb"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "call_pages", "reference"]
exclude_patterns = ["_build", "_ext", "snippets"]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

# A single backtick in a docstring is a name (`reference.resolve_name`).
default_role = "name"
nitpicky = True
add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
toc_object_entries = False
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = f"django-bbb {version}"
html_copy_source = False
html_show_sourcelink = False
