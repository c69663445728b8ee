# SPDX-License-Identifier: Apache-2.0
"""The wheel, as README makes it, without a network: built, installed in a fresh environment, used there.
wheel_test.py BUILD VERSION [--networks] [--video]; 77: pip, setuptools or wheel is missing."""

import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

from case import PHOTO, PROJECT
from readme_test import blocks

BUILD, VERSION = sys.argv[1:3]
for module in ("pip", "setuptools", "wheel", "venv"):
    if importlib.util.find_spec(module) is None:
        print(f"skipped: python3-{module} is missing")
        sys.exit(77)


def run(*command, **options):
    print("+", *command, flush=True)
    subprocess.run(list(map(str, command)), check=True, **options)


environment = {name: value for name, value in os.environ.items()
               if name not in ("DEPTHCLOUD_LIBRARY", "DEPTHCLOUD_TORCH_LIBRARY", "PYTHONPATH")}
environment["OMP_WAIT_POLICY"] = "passive"  # other tests run beside this one
with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    # pip builds in the folder of the sources, which is not to be written to
    shutil.copytree(PROJECT / "python", folder / "python", ignore=shutil.ignore_patterns("build", "*.egg-info", "tests"))
    pip = (sys.executable, "-m", "pip")
    offline = ("--no-index", "--no-deps", "--disable-pip-version-check", "--quiet")
    run(*pip, "wheel", "--no-build-isolation", *offline, "-w", folder, folder / "python",
        env={**environment, "DEPTHCLOUD_BUILD": BUILD})
    [wheel] = folder.glob("*.whl")
    assert re.fullmatch(rf"depthcloud-{VERSION}-py3-none-linux_\w+\.whl", wheel.name), wheel.name
    names = zipfile.ZipFile(wheel).namelist()
    wanted = ["depthcloud/py.typed", "depthcloud/lib/libdepthcloud_c.so.2", "depthcloud/lib/copyright",
              "depthcloud/lib/THIRD_PARTY_NOTICES"]
    if "--networks" in sys.argv:
        wanted.append(f"depthcloud/lib/depthcloud-{VERSION}/libdepthcloud_torch.so")
    if "--video" in sys.argv:
        wanted.append(f"depthcloud/lib/depthcloud-{VERSION}/libdepthcloud_video.so")
    assert not set(wanted) - set(names), names

    # without pip of its own: the system's, which sees the same packages
    run(sys.executable, "-m", "venv", "--system-site-packages", "--without-pip", folder / "venv")
    python = folder / "venv/bin/python"
    run(python, "-m", "pip", "install", *offline, wheel, env=environment)
    used = folder / "used"
    used.mkdir()
    run(python, "-c", "import depthcloud\n"
        f"assert depthcloud.version() == {VERSION!r}, depthcloud.version()\n"
        f"assert depthcloud.__file__.startswith({str(folder)!r}), depthcloud.__file__\n"
        f"frame = depthcloud.pipe({str(PHOTO)!r}, 'constant')\n"
        f"assert {str(folder)!r} in open('/proc/self/maps').read()\n", cwd=used, env=environment)
    if "--networks" in sys.argv:
        shutil.copy(PHOTO, used / "photo.jpg")
        run(python, "-c", blocks(PROJECT / "README.md")[0], cwd=used, env=environment)
        assert (used / "photo.ply").stat().st_size > 100_000
    if "--video" in sys.argv:
        run(python, "-c", "import depthcloud\n"
            "with depthcloud.VideoSource('test:64x48') as video:\n"
            "    assert next(video).image.shape == (48, 64, 3)\n"
            "    [module] = {line.split()[-1] for line in open('/proc/self/maps') if 'libdepthcloud_video' in line}\n"
            f"assert module.startswith({str(folder)!r}), module\n",
            cwd=used, env=environment)
    else:
        print("skipped: this build has no video")
    # a wheel without libraries says what is missing
    run(*pip, "wheel", "--no-build-isolation", *offline, "-w", folder / "pure", folder / "python",
        env={**environment, "DEPTHCLOUD_BUILD": "system"})
    assert [path.name for path in (folder / "pure").iterdir()] == [f"depthcloud-{VERSION}-py3-none-any.whl"]
    done = subprocess.run([*pip, "wheel", "--no-build-isolation", *offline, "-w", str(folder), str(folder / "python")],
                          env={**environment, "DEPTHCLOUD_BUILD": str(folder)}, capture_output=True, text=True)
    assert done.returncode != 0 and "No build in" in done.stdout + done.stderr, done
print("built, installed and used", wheel.name)
