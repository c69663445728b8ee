#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Draws the curve.csv of a training run: plot_curve.py curve.csv OUT.png (needs python3-matplotlib)."""
import sys

import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    step, loss, abs_rel, delta1, ordered = np.loadtxt(sys.argv[1], delimiter=",", ndmin=2).T
    figure, left = plt.subplots(figsize=(7, 3.5))
    left.plot(step, loss, color="black", label="training loss")
    left.set_xlabel("step")
    left.set_ylabel("loss")
    right = left.twinx()
    right.plot(step, ordered, label="held-out pairs in order")
    right.plot(step, delta1, label="held-out delta1")
    right.plot(step, abs_rel, label="held-out AbsRel")
    right.set_ylim(0, 1)
    lines = left.get_lines() + right.get_lines()
    right.legend(lines, [line.get_label() for line in lines], loc="center right", fontsize=8)
    figure.tight_layout()
    figure.savefig(sys.argv[2], dpi=90)


if __name__ == "__main__":
    main()
