# SPDX-License-Identifier: Apache-2.0
"""server_bench.py: depthcloud-server under one stock client, for scripts/bench-server.sh, which sets the
environment. Prints a table of medians and percentiles in milliseconds. What is not "in the server" is
seen by the client: its own time and the loopback's are in it."""

import json
import math
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "tests/apps/server"))
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


def in_server(metrics):
    """Percentiles of the overhead as the server's histogram has them, straight lines within a bucket."""
    buckets = sorted((float(re.search('le="(.*)"', name)[1]), count)
                     for name, count in metrics.items() if name.startswith("overhead_seconds_bucket"))
    total = metrics["overhead_seconds_count"]

    def quantile(share):
        low, below = 0.0, 0.0
        for high, count in buckets:
            if count >= share * total:
                inside = (share * total - below) / (count - below)
                return 1000 * (low if math.isinf(high) else low + inside * (high - low))
            low, below = high, count
        return math.inf
    return {"p50": quantile(0.50), "p95": quantile(0.95), "p99": quantile(0.99)}


def main():
    print("| milliseconds | median | p95 | p99 | |\n|---|---:|---:|---:|---|")
    for model, fps in ("constant:2", 30), ("builtin", 10):
        result, metrics = load(model, fps)
        name = f"overhead, {model}, {fps} frames a second"
        row(f"{name}, in the server", in_server(metrics), "aim: 1 ms median, 3 ms p99")
        row(f"{name}, at the client", result["overhead_ms"])
    result, _ = load(f"constant:2,{MODEL_MS}", 30)
    row(f"glass to cloud, model of {MODEL_MS} ms, 30 frames a second", result["latency_ms"],
        f"p95 is {result['latency_ms']['p95'] / MODEL_MS:.2f} times the model's; aim: 1.5")
    row("newer frames that were there when the network began", result["behind"], "frames, not ms")
    result, _ = load("builtin", 60)
    row("glass to cloud, builtin, 60 frames a second", result["latency_ms"],
        f"{result['clients'][0]['clouds'] / SECONDS:.1f} clouds a second; aim: 20")


if __name__ == "__main__":
    main()
