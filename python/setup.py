# SPDX-License-Identifier: Apache-2.0
"""Puts the C library and the modules of a finished build (networks, video) into the wheel. What they link stays the
system's.

DEPTHCLOUD_BUILD names the build folder (default: ../build); "system" makes a wheel without libraries, for a machine
that has libdepthcloud-c and the packages of the modules installed. All else is in pyproject.toml.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from setuptools import Distribution, setup
from setuptools.command.build_py import build_py

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # setuptools before 70
    from wheel.bdist_wheel import bdist_wheel

HERE = pathlib.Path(__file__).resolve().parent
BUILD = os.environ.get("DEPTHCLOUD_BUILD") or str(HERE.parent / "build")
WITH_LIBRARIES = BUILD != "system"


def components():
    """What the build installs for programs that run: all but the developer's files and the programs."""
    found = re.search(r'^set\(CPACK_COMPONENTS_ALL "(.*)"\)', pathlib.Path(BUILD, "CPackConfig.cmake").read_text(), re.M)
    return [name for name in found[1].split(";") if name not in ("dev", "tools")]


def copy_libraries(to):
    """Copies libdepthcloud_c.so.N, and the folder of the modules beside it, as `cmake --install` makes them."""
    if not pathlib.Path(BUILD, "CMakeCache.txt").exists():
        sys.exit(f"No build in {BUILD}: make one first (cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release && cmake "
                 "--build build), or name it in DEPTHCLOUD_BUILD; DEPTHCLOUD_BUILD=system uses the installed library")
    with tempfile.TemporaryDirectory() as prefix:
        for component in components():
            subprocess.run(["cmake", "--install", BUILD, "--component", component, "--prefix", prefix, "--strip"],
                           check=True, stdout=subprocess.DEVNULL)
        libraries = [path for path in pathlib.Path(prefix).rglob("libdepthcloud_c.so.*") if path.is_symlink()]
        if len(libraries) != 1:
            sys.exit(f"{BUILD} has no C library: build it with -DDEPTHCLOUD_C_API=ON")
        shutil.rmtree(to, ignore_errors=True)
        to.mkdir(parents=True)
        shutil.copy(libraries[0], to)
        for folder in libraries[0].parent.glob("depthcloud-*"):
            shutil.copytree(folder, to / folder.name)
        for file in pathlib.Path(prefix).glob("share/doc/libdepthcloud-c*/*"):
            shutil.copy(file, to)  # the licences of all that is in the library


class Build(build_py):
    def run(self):
        super().run()
        if WITH_LIBRARIES and not self.editable_mode:
            copy_libraries(pathlib.Path(self.build_lib, "depthcloud", "lib"))


class Wheel(bdist_wheel):
    def finalize_options(self):
        super().finalize_options()
        self.root_is_pure = not WITH_LIBRARIES

    def get_tag(self):
        """Any Python 3 of this platform: the libraries know nothing of Python."""
        return "py3", "none", super().get_tag()[2]


class Platform(Distribution):
    def has_ext_modules(self):
        return WITH_LIBRARIES


setup(license="Apache-2.0", distclass=Platform, cmdclass={"build_py": Build, "bdist_wheel": Wheel})
