"""Starts the runtime client with the module search path of Lambda's managed runtime.

Run by the Python in the box, not by pytest.
"""

import os
import site
import sys

task, opt = os.environ["LAMBDA_TASK_ROOT"], os.environ["THUMBX_OPT"]
versioned = f"{opt}/python/lib/python3.{sys.version_info[1]}/site-packages"
sys.path[:0] = [task, versioned, f"{opt}/python"]
for folder in (task, versioned, f"{opt}/python"):
    site.addsitedir(folder)

if __name__ == "__main__":
    from awslambdaric.__main__ import main

    main(["bootstrap", os.environ["_HANDLER"]])
