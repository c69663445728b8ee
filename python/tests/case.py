# SPDX-License-Identifier: Apache-2.0
"""What the tests of the Python package share. Each is a program: NAME_test.py; 77: NumPy is missing. They need no
network and run against the library of DEPTHCLOUD_LIBRARY."""

import pathlib
import sys
import tempfile
import unittest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "python"))
try:
    import numpy as np
except ImportError:
    print("skipped: python3-numpy is missing")
    sys.exit(77)

PHOTO = PROJECT / "examples/data/coffee.jpg"
SMALL = PROJECT / "tests/fuzz/corpus/jpeg/baseline_444.jpg"


class Case(unittest.TestCase):
    """A plane at 2 of 3 x 4 pixels, the colours of its points, and a folder for files."""

    depth = np.full((3, 4), 2, np.float32)
    rgb = np.arange(36, dtype=np.uint8).reshape(3, 4, 3)
    camera = (4, 4, 2, 1)

    def folder(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        return pathlib.Path(made.name)

    def refuses(self, kind, words, function, *arguments, **options):
        """The call raises this and names what is at fault."""
        with self.assertRaisesRegex(kind, words):
            function(*arguments, **options)


def without(*modules):
    """A context in which the modules cannot be imported."""
    from unittest import mock
    return mock.patch.dict(sys.modules, {name: None for name in modules})


def main():
    unittest.main(verbosity=2)
