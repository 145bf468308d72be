"""`python -m deploy`: run the whole service in the foreground, as `make run` does."""

import os
import sys

from deploy.child import StartFailedError, say
from deploy.processes import RunSettings
from deploy.supervisor import Supervisor


def main() -> int:
    """The exit code: 0 after a stop that was asked for, 1 when the start failed."""
    if sys.platform != "linux":
        say("`make run` needs Linux; elsewhere use deploy/compose.yaml")
        return 1
    try:
        Supervisor(RunSettings.from_mapping(os.environ), os.environ).run()
    except StartFailedError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
