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
                   "real, ctypes.CDLL = ctypes.CDLL, lambda *a, **k: type('Old', (), "
                   "{'dcl_abi_version': type('F', (), {'__call__': lambda s: 0})()})()")


class IdleThreads(Case):
    """OpenMP reads GOMP_SPINCOUNT when it is loaded, and NumPy may load it."""

    look = ("import os, ctypes; get = ctypes.CDLL(None).getenv; get.restype = ctypes.c_char_p; "
            "print(os.environ.get('GOMP_SPINCOUNT'), get(b'GOMP_SPINCOUNT'))")

    def seen(self, program, **given):
        kept = {name: value for name, value in os.environ.items() if name not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
        return subprocess.run([sys.executable, "-B", "-c", f"{program}; {self.look}"], check=True, capture_output=True,
                              text=True, env={**kept, "PYTHONPATH": str(PROJECT / "python"), **given}).stdout.strip()

    def warned(self, program, **given):
        kept = {name: value for name, value in os.environ.items() if name not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
        return subprocess.run([sys.executable, "-B", "-c", program], check=True, capture_output=True, text=True,
                              env={**kept, "PYTHONPATH": str(PROJECT / "python"), **given}).stderr

    def test_set_before_numpy(self):
        self.assertEqual(self.seen("import depthcloud"), "10000 b'10000'")

    def test_the_user_precedes(self):
        self.assertEqual(self.seen("import depthcloud", GOMP_SPINCOUNT="7"), "7 b'7'")
        self.assertEqual(self.seen("import depthcloud", OMP_WAIT_POLICY="active"), "None None")

    def test_too_late(self):
        load = "import ctypes; ctypes.CDLL('libgomp.so.1')"
        try:
            self.seen(load)
        except subprocess.CalledProcessError:
            self.skipTest("libgomp is missing")
        self.assertEqual(self.seen(f"{load}; import depthcloud"), "None None")
        self.assertRegex(self.warned(f"{load}\nimport depthcloud"), "^<string>:2: RuntimeWarning: OpenMP was loaded before")
        self.assertEqual(self.warned(f"{load}\nimport depthcloud", OMP_WAIT_POLICY="active"), "")
        self.assertEqual(self.warned("import depthcloud"), "")


if __name__ == "__main__":
    main()
