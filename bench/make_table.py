# SPDX-License-Identifier: Apache-2.0
"""Merges the runs of scripts/bench.sh into results.json and the table of bench/README.md.

make_table.py RUNS_DIR RESULTS_JSON README

A benchmark is called STAGE/WORKLOAD/CONTENDER; contenders of one workload do the same work on the
same data. C++ contenders come as Google Benchmark JSON (each repetition is one sample), scripts as
JSON lines {"workload": "STAGE/WORKLOAD", "contender": ..., "ms": [...]}. The figures that the project
aims at are those of AIMS; they come first, met or missed.
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


ENCODED = ("network_coffee", "network_astronaut", "noisy_synthetic")


def slower(workload, contender, than=OURS):
    """How many times as long the one takes as the other."""
    return lambda summary: (summary[workload][contender]["median_ms"]
                            / summary[workload][than]["median_ms"])


def figure(workload, contender, key, scale=1):
    return lambda summary: summary[workload][contender][key] * scale


def largest(figures):
    return lambda summary: max(value(summary) for value in figures)


def draco(summary, ratio):
    """The least, over the scenes and Draco's two speeds, of its figure over ours."""
    return min(ratio(row, rows[OURS]) for scene in ENCODED
               for rows in [summary[f"wire/encode_{scene}"]]
               for name, row in rows.items() if re.fullmatch(r"draco_.*speed_\d+", name))


# What is compared, the aim, the figure.
AIMS = [
    *((f"JPEG {size}: OpenCV over ours", ">= 3.5",
       slower(f"image/jpeg_{size}", "opencv_imdecode_resize_area"))
      for size in ("640x480_to_504x378", "1280x720_to_504x284", "1920x1080_to_504x284")),
    ("cloud 378x504, stride 2: NumPy over ours", ">= 35", slower("cloud/378x504_s2", "numpy")),
    ("cloud 378x504, stride 1: NumPy over ours", ">= 60", slower("cloud/378x504_s1", "numpy")),
    *((f"cloud {name}: ours over memcpy", f"<= {limit}", slower(f"cloud/{work}", OURS, "memcpy"))
      for name, work, limit in (("378x504, stride 2", "378x504_s2", 2.5),
                                ("378x504, stride 1", "378x504_s1", 1.6),
                                ("1080x1920, stride 1", "1080x1920_s1", 1.2))),
    ("cloud: AVX2 over AVX-512, the largest of three", "<= 1.4",
     largest([slower(f"cloud/{work}", f"{OURS}_avx2")
              for work in ("378x504_s2", "378x504_s1", "1080x1920_s1")])),
    *((f"cloud {name}: p99 over median of a call", "<= 1.5",
       figure(f"cloud/{work}", OURS, "call_p99_over_p50"))
      for name, work in (("378x504, stride 2", "378x504_s2"), ("378x504, stride 1", "378x504_s1"),
                         ("1080x1920, stride 1", "1080x1920_s1"))),
    ("pack: ours over memcpy", "<= 1.5", slower("wire/pack_47628", OURS, "memcpy")),
    ("built-in network, JPEG 640x480 to packet: frames a second", ">= 45",
     lambda summary: 1000 / figure("pipeline/jpeg_640x480_to_packet", OURS, "p50_ms")(summary)),
    ("video: decoding a file of H.264 at 1080p, ours over gst-launch", "<= 1.1",
     slower("video/file_1080p_h264", OURS, "gst_launch")),
    ("C: microseconds added to a call", "<= 20",
     figure("capi/frame_64x48_in_turns", OURS, "added_p50_us")),
    ("Python: microseconds added to a call", "<= 20",
     figure("capi/frame_64x48_added", "python_ctypes", "median_ms", 1000)),
    ("Depth Anything 3 small, f32: ours over the matrix limit", "<= 1.3",
     slower("depth_anything/da3_small_504x378", OURS, "matrix_rate_limit")),
    ("Depth Anything 3 small, f32: eager LibTorch over ours", ">= 1.55",
     slower("depth_anything/da3_small_504x378", "torch_eager")),
    ("Depth Anything 3 small, bf16: eager LibTorch over ours", ">= 2.3",
     slower("depth_anything/da3_small_504x378", "torch_eager", f"{OURS}_bf16")),
    ("Depth Anything 3 small, f32: time with the reference BLAS over that with OpenBLAS", "<= 1.1",
     slower("depth_anything/da3_small_504x378", f"{OURS}_reference_blas")),
    ("Depth Anything 3 small, int8: time in bf16 over that in int8", ">= 1",
     slower("depth_anything/da3_small_504x378", f"{OURS}_bf16", f"{OURS}_int8")),
    ("Depth Anything 3 small, int8: correlation with f32", ">= 0.999",
     figure("depth_anything/da3_small_504x378", f"{OURS}_int8", "correlation")),
    *((f"MoGe-2 small, {tokens} tokens, f32: {name}", aim,
       slower(f"moge/vits_640x480_{tokens}_tokens", *ratio))
      for tokens in (1200, 3600)
      for name, aim, ratio in (("ours over its products and convolutions in oneDNN alone", "<= 1.3",
                                (OURS, "onednn_products")),
                               ("eager PyTorch over ours", ">= 1.25", ("pytorch_eager",)))),
    ("encoding depth, two photos, no colours: bytes a point", "<= 0.5",
     largest([figure(f"wire/encode_{scene}", OURS, "bytes_per_point") for scene in ENCODED[:2]])),
    ("encoding depth, two photos, with colours: bytes a point", "<= 0.7",
     largest([figure(f"wire/encode_{scene}", f"{OURS}_colors", "bytes_per_point")
              for scene in ENCODED[:2]])),
    ("encoding depth, 504x378, the slowest scene: ms to encode", "<= 1.5",
     largest([figure(f"wire/encode_{scene}", OURS, "median_ms") for scene in ENCODED])),
    ("encoding depth, 504x378, the slowest scene: ms to decode", "<= 1.5",
     largest([figure(f"wire/decode_{scene}", OURS, "median_ms") for scene in ENCODED])),
    ("encoding q16: ours over memcpy of its input", "<= 2",
     slower("wire/pack_47628", f"{OURS}_q16", "memcpy")),
    ("encode: Draco over encoding depth, the least", ">= 10",
     lambda summary: draco(summary, lambda row, ours: row["median_ms"] / ours["median_ms"])),
    ("bytes: Draco over encoding depth, the least", ">= 1",
     lambda summary: draco(summary,
                           lambda row, ours: row["bytes_per_point"] / ours["bytes_per_point"])),
]


def aims_table(summary):
    lines = ["| aim | figure | | |", "|---|---:|---:|---|"]
    for name, aim, value in AIMS:
        relation, limit = aim.split()
        try:
            found = value(summary)
        except KeyError:  # a precision that this processor does not have
            lines.append(f"| {name} | not measured | | |")
            continue
        met = found >= float(limit) if relation == ">=" else found <= float(limit)
        sign = "at least" if relation == ">=" else "at most"
        lines.append(f"| {name} | {found:.4g} | {sign} {limit} | {'met' if met else '**missed**'} |")
    return "\n".join(lines)


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
    """With family and model: several generations call themselves no more than "AMD EPYC"."""
    known = dict(re.findall(r"^(model name|cpu family|model)\s*: (.*)$",
                            pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE))
    if len(known) < 3:
        return platform.processor()
    return f"{known['model name']} (family {known['cpu family']}, model {known['model']})"


def table(summary, machine):
    lines = [f"{machine['date']}, {machine['cpu']}, {machine['cores']} cores.", "",
             "### Aims", "", aims_table(summary)]
    stage = None
    fixed = {"median_ms", "p95_ms", "samples", "times_ours"}
    for workload, rows in summary.items():
        of_stage, work = workload.split("/")
        if of_stage != stage:
            stage = of_stage
            lines += ["", f"### {stage}", "",
                      "| workload | contender | median, ms | p95 | median / ours | further figures |",
                      "|---|---|---:|---:|---:|---|"]
        for contender, row in sorted(rows.items(), key=lambda item: item[1]["median_ms"]):
            name = f"**{contender}**" if contender == OURS else contender
            ratio = f"{row['times_ours']:.2f}" if "times_ours" in row else ""
            more = ", ".join(f"{key} {row[key]:.4g}" for key in sorted(row.keys() - fixed))
            lines.append(f"| {work} | {name} | {row['median_ms']:.4f} | {row['p95_ms']:.4f} "
                         f"| {ratio} | {more} |")
    return "\n".join(lines)


def main():
    runs, results_path, readme_path = map(pathlib.Path, sys.argv[1:4])
    machine = {"date": datetime.date.today().isoformat(), "cpu": cpu_name(),
               "cores": os.cpu_count()}
    summary = summarise(read_runs(runs))
    if not summary:
        sys.exit(f"no benchmark results in {runs}")
    text = table(summary, machine)
    results_path.write_text(json.dumps({"machine": machine, "workloads": summary}, indent=1) + "\n")

    readme = readme_path.read_text()
    start, end = (readme.index(mark) for mark in MARKS)
    readme_path.write_text(readme[:start] + MARKS[0] + "\n" + text + "\n\n"
                           + readme[end:])
    print(text)


if __name__ == "__main__":
    main()
