"""`python -m pil_dctz` is the command `dctz`."""

import sys

from pil_dctz.cli import main

if __name__ == "__main__":
    sys.exit(main())
