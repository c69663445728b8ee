# SPDX-License-Identifier: Apache-2.0
"""Every Python program of README.md and python/README.md runs as it stands there: readme_test.py [--networks] [--video].
Without networks, the model "builtin" is the plane "constant"; without video, what reads one is skipped."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from case import PHOTO, PROJECT

PAGES = (PROJECT / "README.md", PROJECT / "python/README.md")


def blocks(page):
    """The Python programs of a page."""
    return re.findall(r"```python\n(.*?)```", page.read_text(), re.S)


def main():
    networks = "--networks" in sys.argv
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "python"), "OMP_WAIT_POLICY": "passive"}
    count = 0  # OMP_WAIT_POLICY: other tests run beside this one
    for page in PAGES:
        assert blocks(page), f"{page} shows no Python"
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            for photo in ("photo.jpg", "holiday/a.jpg", "holiday/b.jpg"):
                (folder / photo).parent.mkdir(exist_ok=True)
                shutil.copy(PHOTO, folder / photo)
            for block in blocks(page):
                if "VideoSource(" in block and "--video" not in sys.argv:
                    print(f"skipped, this build has no video: {page.relative_to(PROJECT)}:\n{block}")
                    continue
                block = block.replace('"clip.mp4"', '"test:64x48@30"')
                program = block if networks else block.replace('pipe("photo.jpg"', 'pipe("photo.jpg", "constant"').replace(
                    '"builtin"', '"constant"')
                print(f"--- {page.relative_to(PROJECT)}:\n{program}", flush=True)
                done = subprocess.run([sys.executable, "-c", program], cwd=folder, env=environment, text=True,
                                      capture_output=True)
                print(done.stdout)
                assert (done.returncode, done.stderr) == (0, ""), done.stderr
                count += 1
            assert (folder / "photo.ply").stat().st_size > 100_000
    print(count, "programs")


if __name__ == "__main__":
    main()
