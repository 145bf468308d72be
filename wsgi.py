"""The WSGI entry point: `granian --interface wsgi wsgi:app`."""

import gc

from app.factory import create_app
from config import Settings

app = create_app(Settings.from_env())
# What was made so far lives as long as the process: the collector need not look at it again.
gc.freeze()
