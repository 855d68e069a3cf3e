"""`python -m streamview` is `streamview`."""

import sys

from streamview.cli import main

sys.exit(main())
