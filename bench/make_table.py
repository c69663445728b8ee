# SPDX-License-Identifier: Apache-2.0
"""Merges the runs of scripts/bench.sh into results.json and the table of bench/README.md.

make_table.py RUNS_DIR RESULTS_JSON README

A benchmark is called STAGE/WORKLOAD/CONTENDER; contenders of one workload do the same work on the
same data. C++ contenders come as Google Benchmark JSON (each repetition is one sample), scripts as
JSON lines {"workload": "STAGE/WORKLOAD", "contender": ..., "ms": [...]}.
"""

import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import sys

MARKS = ("<!-- table: scripts/bench.sh -->", "<!-- end of table -->")
OURS = "depthcloud"


def percentile(samples, share):
    """Nearest rank."""
    ordered = sorted(samples)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]


def read_runs(folder):
    """{workload: {contender: {"ms": [...], "counters": {name: [...]}}}} in order of appearance."""
    results = {}

    def entry(workload, contender):
        return results.setdefault(workload, {}).setdefault(contender, {"ms": [], "counters": {}})

    scale = {"ns": 1e-6, "us": 1e-3, "ms": 1.0, "s": 1e3}
    own = {"name", "real_time", "cpu_time", "iterations", "repetitions", "repetition_index",
           "threads", "family_index", "per_family_instance_index"}
    for path in sorted(folder.glob("*.json")):
        for run in json.loads(path.read_text())["benchmarks"]:
            if run.get("run_type") != "iteration" or run.get("error_occurred"):
                continue
            parts = run["name"].split("/")
            target = entry("/".join(parts[:2]), parts[2])
            target["ms"].append(run["real_time"] * scale[run["time_unit"]])
            for key, value in run.items():
                if key not in own and isinstance(value, (int, float)):
                    target["counters"].setdefault(key, []).append(value)
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text().splitlines():
            run = json.loads(line)
            entry(run["workload"], run["contender"])["ms"].extend(run["ms"])
    return results


def summarise(results):
    """The same, each contender reduced to median, p95, and its median over ours."""
    summary = {}
    for workload, contenders in sorted(results.items()):
        rows = {}
        for contender, samples in contenders.items():
            rows[contender] = {
                "median_ms": statistics.median(samples["ms"]),
                "p95_ms": percentile(samples["ms"], 95),
                "samples": len(samples["ms"]),
            }
            for key, values in samples["counters"].items():
                rows[contender][key] = statistics.median(values)
        if OURS in rows:
            for row in rows.values():
                row["times_ours"] = row["median_ms"] / rows[OURS]["median_ms"]
        summary[workload] = rows
    return summary


def cpu_name():
    match = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return match.group(1) if match else platform.processor()


def table(summary, machine):
    lines = [f"{machine['date']}, {machine['cpu']}, {machine['cores']} cores. Times in ms.", "",
             "| workload | contender | median | p95 | median / ours | further figures |",
             "|---|---|---:|---:|---:|---|"]
    fixed = {"median_ms", "p95_ms", "samples", "times_ours"}
    for workload, rows in summary.items():
        for contender, row in sorted(rows.items(), key=lambda item: item[1]["median_ms"]):
            name = f"**{contender}**" if contender == OURS else contender
            ratio = f"{row['times_ours']:.2f}" if "times_ours" in row else ""
            more = ", ".join(f"{key} {row[key]:.4g}" for key in sorted(row.keys() - fixed))
            lines.append(f"| {workload} | {name} | {row['median_ms']:.4f} | {row['p95_ms']:.4f} "
                         f"| {ratio} | {more} |")
    return "\n".join(lines)


def main():
    runs, results_path, readme_path = map(pathlib.Path, sys.argv[1:4])
    machine = {"date": datetime.date.today().isoformat(), "cpu": cpu_name(),
               "cores": os.cpu_count()}
    summary = summarise(read_runs(runs))
    if not summary:
        sys.exit(f"no benchmark results in {runs}")
    results_path.write_text(json.dumps({"machine": machine, "workloads": summary}, indent=1) + "\n")

    readme = readme_path.read_text()
    start, end = (readme.index(mark) for mark in MARKS)
    readme_path.write_text(readme[:start] + MARKS[0] + "\n" + table(summary, machine) + "\n\n"
                           + readme[end:])
    print(table(summary, machine))


if __name__ == "__main__":
    main()
