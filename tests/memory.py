"""How much memory code takes, measured in a process of its own."""

import subprocess
import sys

import pytest

GIB = 1024**2  # in kB

counted_in_kb = pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in kB on Linux only")

GROWN = """
import resource
import numpy as np
{before}
began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
{measured}
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - began)
"""


def memory_of(measured: str, before: str) -> int:
    """By how many kB the peak of a process grows while `measured` runs, after `before` (imports, pictures)."""
    code = GROWN.format(before=before, measured=measured)
    return int(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
