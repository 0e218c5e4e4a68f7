"""`python -m shouwen` is the command `shouwen`."""

import sys

from shouwen.site.cli import main

sys.exit(main())
