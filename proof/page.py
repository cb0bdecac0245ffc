"""Shows the matrix as HTML on the demo's page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup

if TYPE_CHECKING:
    from proof.matrix import Matrix


def fragment(matrix: Matrix) -> Markup:
    """Tables with their styles, to be put into a page; they use the colours of the page's
    variables.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return Markup(environment.get_template("page.html").render(matrix=matrix))  # noqa: S704 - escaped
