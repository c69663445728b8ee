#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Depth Anything 3 small on several systems in turn; scripts/compare-libtorch.sh prepares them.

compare_libtorch.py ROUNDS ROOT...

Each ROOT is a system with a checkout of the project in /checkout, built, and the checkpoint in
build/da3-small. Prints a Markdown table: time of a pass and of loading from depthcloud_bench, and how
far the peak memory of `depthcloud depth` lies above that of `--model constant`."""

import datetime
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import make_table

PRECISIONS = ("f32", "bf16", "int8")
PASS, LOAD = "depth_anything/da3_small_504x378", "depth_anything/da3_small_load"


def contender(precision):
    return make_table.OURS if precision == "f32" else f"{make_table.OURS}_{precision}"


def start(root, program, *arguments):
    return subprocess.Popen(["chroot", root, f"/checkout/build/bin/{program}", *arguments], cwd="/",
                            env={"PATH": "/usr/sbin:/usr/bin:/bin"}, stdout=subprocess.PIPE, text=True)


def output(root, program, *arguments):
    process = start(root, program, *arguments)
    text = process.communicate()[0]
    if process.returncode != 0:
        sys.exit(f"{program} {' '.join(arguments)} failed in {root}")
    return text


def peak_megabytes(root, *model):
    process = start(root, "depthcloud", "depth", "/checkout/examples/data/coffee.jpg", "-o",
                    "/tmp/depth.npy", *model)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"depthcloud depth {' '.join(model)} failed in {root}")
    return usage.ru_maxrss / 1e3


class System:
    def __init__(self, root, folder):
        self.root = root
        self.folder = folder
        self.memory = {precision: [] for precision in PRECISIONS}
        release = (pathlib.Path(root) / "etc/debian_version").read_text().strip().split(".")[0]
        libtorch = json.loads(output(root, "depthcloud", "info", "--json"))["libtorch"]
        self.name = f"{libtorch}, Debian {release}"

    def measure(self, number):
        for precision in PRECISIONS:
            (self.folder / f"{number}-{precision}.json").write_text(output(
                self.root, "depthcloud_bench", "--benchmark_format=json",
                "--benchmark_repetitions=9", "--benchmark_min_time=0.05",
                f"--benchmark_filter=({PASS}|{LOAD})/{contender(precision)}/"))
        constant = peak_megabytes(self.root, "--model", "constant")
        for precision, samples in self.memory.items():
            samples.append(peak_megabytes(self.root, "--model", "/checkout/build/da3-small",
                                          "--precision", precision) - constant)

    def rows(self):
        summary = make_table.summarise(make_table.read_runs(self.folder))
        for precision in PRECISIONS:
            of_pass, of_load = (summary[work][contender(precision)] for work in (PASS, LOAD))
            yield (f"| {self.name} | {precision} | {of_pass['median_ms']:.1f} "
                   f"| {of_pass['p95_ms']:.1f} | {of_load['median_ms']:.1f} "
                   f"| {statistics.median(self.memory[precision]):.0f} |")


def main():
    rounds = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        systems = []
        for index, root in enumerate(sys.argv[2:]):
            runs = pathlib.Path(folder) / str(index)
            runs.mkdir()
            systems.append(System(root, runs))
        for number in range(rounds):
            for system in systems if number % 2 == 0 else reversed(systems):
                system.measure(number)
                print(f"round {number + 1} of {rounds}: {system.name}", file=sys.stderr)
        print(f"{datetime.date.today()}, {make_table.cpu_name()}, {os.cpu_count()} cores, "
              f"{rounds} rounds of 9.\n")
        print("| LibTorch | precision | median, ms | p95, ms | load, ms | memory, MB |")
        print("|---|---|---:|---:|---:|---:|")
        for system in systems:
            print("\n".join(system.rows()))


if __name__ == "__main__":
    main()
