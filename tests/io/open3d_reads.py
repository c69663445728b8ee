# SPDX-License-Identifier: Apache-2.0
"""Stock readers read what write_ply and write_pcd wrote: open3d_reads.py CLOUD_FILE_TOOL"""

import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import open3d
except ImportError as error:
    print(f"skipped: {error} (apt-get install python3-numpy python3-open3d)")
    sys.exit(77)

with tempfile.TemporaryDirectory() as folder:
    out = pathlib.Path(folder) / "cloud"
    subprocess.run([sys.argv[1], out], check=True, timeout=60)
    values = np.arange(3000).reshape(1000, 3)
    for suffix in [".ply", ".pcd"]:
        cloud = open3d.io.read_point_cloud(str(out.with_suffix(suffix)))
        np.testing.assert_array_equal(np.asarray(cloud.points), 0.25 * values - 100)
        np.testing.assert_array_equal(np.rint(np.asarray(cloud.colors) * 255), values * 7 % 256)
        print(f"{suffix}: {len(cloud.points)} points as written")
