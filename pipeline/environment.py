"""`python pipeline/environment.py COMMAND ...`: run an install without tokens in its environment.

GitHub puts the token with which a job gets its AWS roles into the environment of every step. An
install therefore gets only the variables listed here. This file imports only the standard library,
because it runs before any package is installed.

A process can still read its parent's variables in /proc. Every install therefore accepts only
wheels (`--only-binary :all:`), because pip unpacks a wheel and runs none of its code.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PASSED = re.compile(
    r"PATH|HOME|USER|SHELL|LANG|LC_\w+|TERM|TMPDIR|XDG_\w+|LD_LIBRARY_PATH|SOURCE_DATE_EPOCH|"
    r"PULUMI_HOME|PULUMI_SKIP_UPDATE_CHECK|"
    # The variables that say where packages come from: an index, a proxy, the certificates of both.
    r"PIP_\w+|UV_\w+|npm_config_\w+|(?:HTTPS?|ALL|NO)_PROXY|(?:https?|all|no)_proxy|"
    r"SSL_CERT_\w+|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|NODE_EXTRA_CA_CERTS"
)


def passed(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that an install may see."""
    return {name: value for name, value in variables.items() if PASSED.fullmatch(name)}


if __name__ == "__main__":
    sys.exit(subprocess.run(sys.argv[1:], env=passed(os.environ), check=False).returncode)
