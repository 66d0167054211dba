"""`python -m omniedit.cli`: the command line of a checkout."""

import sys

from omniedit.cli import main

sys.exit(main())
