# SPDX-License-Identifier: Apache-2.0
"""Writes the measured depth (metres) and the photo of the Middlebury 2014 motorcycle, which
python3-skimage ships, as FOLDER/motorcycle.npy and .png: motorcycle.py FOLDER"""

import pathlib
import shutil
import sys

import numpy as np
import skimage

FOCAL, BASELINE, DISPARITY_OFFSET = 994.978, 0.193001, 31.086

data = pathlib.Path(skimage.__file__).parent / "data"
folder = pathlib.Path(sys.argv[1])
with np.load(data / "motorcycle_disp.npz") as arrays:
    disparity = arrays[arrays.files[0]].astype(np.float64)
# A pixel that was not measured has infinite disparity, hence depth 0, which is none.
np.save(folder / "motorcycle.npy",
        (FOCAL * BASELINE / (disparity + DISPARITY_OFFSET)).astype(np.float32))
shutil.copyfile(data / "motorcycle_left.png", folder / "motorcycle.png")
