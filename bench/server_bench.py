# SPDX-License-Identifier: Apache-2.0
"""server_bench.py: depthcloud-server under one stock client, for scripts/bench-server.sh, which sets the
environment. Prints a table of medians and percentiles in milliseconds; times of the client and of
the loopback are in them."""

import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tests/server"))
from server_case import Server  # pylint: disable=wrong-import-position

SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
MODEL_MS = 120


def load(model, fps):
    """What depthcloud_load_client says of one client, and the server's metrics afterwards."""
    with Server(model=model) as server:
        done = subprocess.run(
            [os.environ["DEPTHCLOUD_LOAD_CLIENT"], str(server.port), "1", str(fps), str(SECONDS),
             os.environ["DEPTHCLOUD_SAMPLE_PHOTO"]], text=True, stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout), server.metrics()


def row(name, figures, more=""):
    print(f"| {name} | {figures['p50']:.2f} | {figures['p95']:.2f} | {figures['p99']:.2f} | {more} |")


def within(metrics, seconds):
    """Share of the clouds whose overhead, measured in the server, was at most this."""
    return (metrics[f'overhead_seconds_bucket{{le="{seconds}"}}'] / metrics["overhead_seconds_count"])


def main():
    print("| | median | p95 | p99 | |\n|---|---:|---:|---:|---|")
    for model, fps in ("constant:2", 30), ("builtin", 10):
        result, metrics = load(model, fps)
        row(f"overhead, {model}, {fps} frames a second", result["overhead_ms"],
            f"in the server {within(metrics, 0.001):.1%} up to 1 ms, "
            f"{within(metrics, 0.003):.1%} up to 3 ms")
    result, _ = load(f"constant:2,{MODEL_MS}", 30)
    row(f"glass to cloud, model of {MODEL_MS} ms, 30 frames a second", result["latency_ms"],
        f"p95 is {result['latency_ms']['p95'] / MODEL_MS:.2f} times the model's")
    row("newer frames that were there when the network began", result["behind"], "frames, not ms")
    result, _ = load("builtin", 60)
    row("glass to cloud, builtin, 60 frames a second", result["latency_ms"],
        f"{result['clients'][0]['clouds'] / SECONDS:.1f} clouds a second")


if __name__ == "__main__":
    main()
