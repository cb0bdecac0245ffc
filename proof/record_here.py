"""Records a stack by the code of the folder that it runs in, which may be another version's.

`python <this file> STACK PROJECT` prints what `recording.recorder` prints. Archives are left out:
who may do what does not depend on them, and another version's are not built. A file that runs alone
in the folder of the other version, so it imports nothing of its own.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Run the recorder of this folder."""
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
