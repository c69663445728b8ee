# SPDX-License-Identifier: Apache-2.0
"""Checkpoints of PyTorch, good and hostile ones, read as data: torch_checkpoints.py WEIGHTS_TOOL

tests/golden/pickle/manifest.json says of each file what it holds, or what an error must name."""

import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = sys.argv.pop(1)
FOLDER = pathlib.Path(__file__).resolve().parents[1] / "golden/pickle"
MANIFEST = json.loads((FOLDER / "manifest.json").read_text())


class Checkpoints(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)

    def read(self, file):
        return subprocess.run([TOOL, FOLDER / file], cwd=self.dir.name, capture_output=True, text=True,
                              check=False, timeout=60)

    def holds(self, done, tensors):
        found = {}
        for line in done.stdout.splitlines():
            name, kind, shape, data = line.split(" ")
            found[name] = (kind, [int(side) for side in shape.strip("[]").split(",") if side],
                           hashlib.sha256(bytes.fromhex(data)).hexdigest())
        expected = {t["name"]: (t["dtype"], t["shape"], t["sha256"]) for t in tensors}
        self.assertEqual(found, expected)

    def test_all(self):
        self.assertEqual(len(MANIFEST["files"]), 61)
        for entry in MANIFEST["files"]:
            with self.subTest(entry["file"]):
                done = self.read(entry["file"])
                if entry["expect"] == "ok" or (entry["expect"] != "error" and done.returncode == 0):
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.holds(done, entry["tensors"])
                    continue
                self.assertEqual(done.returncode, 1, (done.returncode, done.stderr))
                code, _, message = done.stderr.partition(": ")
                self.assertIn(code, ("bad_model", "unsupported", "limit_exceeded"))
                self.assertEqual(message.count("\n"), 1)
                if entry["expect"] != "error":
                    self.assertEqual(code, "unsupported")
                    self.assertRegex(message, "compressed|before PyTorch 1.6")
                named = entry.get("must_name")
                if named:
                    self.assertTrue(any(name.lower() in message.lower() for name in named), message)
        # what a payload that ran would have made
        self.assertEqual(list(pathlib.Path(self.dir.name).iterdir()), [])
        self.assertFalse((FOLDER / MANIFEST["marker"]).exists())


if __name__ == "__main__":
    unittest.main()
