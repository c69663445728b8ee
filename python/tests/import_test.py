# SPDX-License-Identifier: Apache-2.0
"""`import depthcloud` where something is missing: it says what, and how to get it."""

import os
import subprocess
import sys

from case import PROJECT, Case, main


class Import(Case):
    def fails(self, words, before="", **environment):
        done = subprocess.run([sys.executable, "-B", "-c", f"{before}\nimport depthcloud"], capture_output=True,
                              text=True, env={**os.environ, "PYTHONPATH": str(PROJECT / "python"), **environment})
        self.assertEqual(done.returncode, 1, done.stderr)
        last = done.stderr.strip().splitlines()[-1]
        self.assertRegex(last, "^ImportError: depthcloud ")
        self.assertRegex(last, words)

    def test_no_numpy(self):
        self.fails("needs NumPy: install python3-numpy", "import sys; sys.modules['numpy'] = None")

    def test_no_library(self):
        self.fails(r"no/such\.so.*wheel.*libdepthcloud-c2.*cmake.*DEPTHCLOUD_LIBRARY=",
                   DEPTHCLOUD_LIBRARY="no/such.so")

    def test_another_library(self):
        self.fails("cannot load its C library", DEPTHCLOUD_LIBRARY="libc.so.6")

    def test_another_abi(self):
        self.fails("needs ABI version 2 .* has 0: install the package and the library of one release",
                   "import ctypes\n"
                   "class Old(ctypes.CDLL):\n"
                   "    def __getattr__(self, name): return lambda: 0\n"
                   "real, ctypes.CDLL = ctypes.CDLL, lambda *a: type('Old', (), "
                   "{'dcl_abi_version': type('F', (), {'__call__': lambda s: 0})()})()")


if __name__ == "__main__":
    main()
