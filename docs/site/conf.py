"""How Sphinx makes the site: `make docs`. Everything that it loads is in it.

The sources are read from the top of the repository, so that a link from a page to a
file beside the documentation is the same link at both places: what is listed below
becomes pages, other files are copied to where they can be downloaded. A link to
nothing, or to a heading that is not there, is a warning, and a warning ends the build.
"""

import sys
from pathlib import Path

from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parents[2]))

from docs.site.specs import shown

project = "ZimGPT"
author = "ZimGPT"
language = "en"
root_doc = "docs/index"
include_patterns = [
    "docs/**.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "bench/README.md",
    "deploy/README.md",
    "web/README.md",
]
# Folders that are not even looked through.
exclude_patterns = [
    ".*",
    "build",
    "dist",
    "requirements",
    "tests",
    "twisted",
    "var",
    "web/node_modules",
    "web/out",
    "zimgpt",
]

extensions = ["myst_parser"]
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
# Whether the page names a language that cannot be coloured is no matter for readers.
suppress_warnings = ["misc.highlighting_failure"]
highlight_language = "text"

html_theme = "furo"
html_title = "ZimGPT"
html_theme_options = {"navigation_with_keys": True}
html_extra_path = ["front"]  # the way from the top to the first page
html_static_path: list[str] = []
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
html_use_index = False

_SPECS = {
    "docs/reference/http-addresses": "docs/reference/openapi.yaml",
    "docs/reference/websocket-messages": "docs/reference/asyncapi.yaml",
}


def show_spec(app: Sphinx, page: str, source: list[str]) -> None:
    """Puts the tables of a description below the words of the page that is for it."""
    if page in _SPECS:
        source[0] += "\n" + shown(Path(app.srcdir) / _SPECS[page])


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("source-read", show_spec)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
