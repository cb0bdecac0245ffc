"""Records a stack with the code of the current folder, which may be another version of the program.

`python <this file> STACK PROJECT` prints the same as `recording.recorder`. Archives are left out,
because permissions do not depend on them and another version's archives are not built. This file
runs alone in the folder of the other version, so it imports nothing from its own version.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Run the recorder of the current folder."""
    sys.path[0] = str(Path.cwd())
    pulumi: Any = importlib.import_module("pulumi")
    package: Any = importlib.import_module("components.producer.package")

    def archive(*_: Any, **__: Any) -> Any:
        return pulumi.FileArchive("requirements.txt")

    for name in ("layer_archive", "function_archive"):
        if not hasattr(package, name):
            sys.exit(f"components.producer.package has no {name}: another way of packing")
        setattr(package, name, archive)
    stack, project = sys.argv[1:3]
    sys.argv = ["recorder", stack, "{}", "--project", project]
    importlib.import_module("recording.recorder").main()


if __name__ == "__main__":
    main()
