#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What OpenMP's idle threads cost, with depthcloud's setting and with that of GCC, on a machine that is
idle and on one that is busy. idle_threads.py [ROUNDS], 15 by default; the programs are those of build/.

The idle machine is this one as it is; the busy one has a loop without end for each processor. Prints a
Markdown table: the whole run of `depthcloud depth`, and one call in Python after ten others."""

import contextlib
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

PROJECT = pathlib.Path(__file__).resolve().parents[1]
PHOTO = PROJECT / "examples/data/coffee.jpg"
SETTINGS = {"ours": {}, "GCC's": {"GOMP_SPINCOUNT": "300000"}, "no spinning": {"OMP_WAIT_POLICY": "PASSIVE"}}

CALL = f"""
import sys, time
sys.path.insert(0, {str(PROJECT / "python")!r})
import depthcloud
photo = open({str(PHOTO)!r}, "rb").read()
pipeline = depthcloud.Model("builtin").pipeline()
for _ in range(10):
    pipeline.process(photo)
start = time.perf_counter()
pipeline.process(photo)
print(1e3 * (time.perf_counter() - start))
"""


def environment(setting):
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "GOMP_"))}
    return plain | {"DEPTHCLOUD_LIBRARY": str(PROJECT / "build/capi/libdepthcloud_c.so")} | setting


def run_of_program(setting):
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        subprocess.run([PROJECT / "build/bin/depthcloud", "depth", PHOTO, "-o", f"{folder}/depth.npy"],
                       env=environment(setting), check=True, capture_output=True)
        return 1e3 * (time.perf_counter() - start)


def call_in_python(setting):
    return float(subprocess.run(["/usr/bin/python3", "-c", CALL], env=environment(setting), check=True,
                                capture_output=True, text=True).stdout)


@contextlib.contextmanager
def busy():
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count())]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    print("| | machine |" + "".join(f" {name}, median / p95 |" for name in SETTINGS))
    print("|---|---|" + "---:|" * len(SETTINGS))
    for measure, name in (run_of_program, "`depthcloud depth`"), (call_in_python, "one call in Python"):
        for machine, load in ("idle", contextlib.nullcontext), ("busy", busy):
            samples = {setting: [] for setting in SETTINGS}
            with load():
                for _ in range(rounds):
                    for setting, times in samples.items():
                        times.append(measure(SETTINGS[setting]))
            row = "".join(f" {statistics.median(times):.0f} / {statistics.quantiles(times, n=20)[-1]:.0f} ms |"
                          for times in samples.values())
            print(f"| {name} | {machine} |{row}", flush=True)


if __name__ == "__main__":
    main()
