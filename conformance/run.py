"""`dctz-conformance run` as a script of a checkout: python conformance/run.py --decoder CMD ..."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main(arguments: list[str]) -> int:
    sys.path.insert(0, str(HERE.parent))
    status: int = import_module(f"{HERE.name}.command").main(["run", *arguments])
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
