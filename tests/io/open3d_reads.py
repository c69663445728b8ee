# SPDX-License-Identifier: Apache-2.0
"""Clouds against Open3D, both ways: it reads what write_ply and write_pcd wrote, and read_ply and
read_pcd read what it wrote: open3d_reads.py CLOUD_FILE_TOOL"""

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

TOOL = sys.argv[1]
values = np.arange(3000).reshape(1000, 3)
positions = 0.25 * values - 100
colors = values * 7 % 256


def read_by_open3d(folder):
    out = folder / "cloud"
    subprocess.run([TOOL, "write", out], check=True, timeout=60)
    for suffix in [".ply", ".pcd"]:
        cloud = open3d.io.read_point_cloud(str(out.with_suffix(suffix)))
        np.testing.assert_array_equal(np.asarray(cloud.points), positions)
        np.testing.assert_array_equal(np.rint(np.asarray(cloud.colors) * 255), colors)
        print(f"{suffix}: Open3D reads {len(cloud.points)} points as written")


def read_here(path, with_colors):
    done = subprocess.run([TOOL, "read", path], stdout=subprocess.PIPE, check=False, timeout=60)
    if done.returncode == 3:
        return None
    assert done.returncode == 0, path
    count = len(done.stdout) // (15 if with_colors else 12)
    return (np.frombuffer(done.stdout, "<f4", 3 * count).reshape(-1, 3),
            np.frombuffer(done.stdout, "u1", offset=12 * count).reshape(-1, 3))


def written_by_open3d(folder):
    cloud = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(positions))
    for with_colors in [True, False]:
        if with_colors:
            cloud.colors = open3d.utility.Vector3dVector(colors / 255)
            cloud.normals = open3d.utility.Vector3dVector(np.ones_like(positions))
        else:
            cloud.colors = open3d.utility.Vector3dVector()
        for suffix, ascii_, compressed in [(".ply", True, False), (".ply", False, False),
                                           (".pcd", True, False), (".pcd", False, False),
                                           (".pcd", False, True)]:
            path = folder / ("stock" + suffix)
            assert open3d.io.write_point_cloud(str(path), cloud, write_ascii=ascii_, compressed=compressed)
            found = read_here(path, with_colors)
            if found is None:
                print(f"{suffix}: this build lacks liblzf")
                continue
            np.testing.assert_array_equal(found[0], positions)
            np.testing.assert_array_equal(found[1], colors if with_colors else np.empty((0, 3)))
            print(f"{suffix}: {len(found[0])} points as Open3D wrote them, ascii={ascii_}, "
                  f"compressed={compressed}, colours={with_colors}")


with tempfile.TemporaryDirectory() as temporary:
    read_by_open3d(pathlib.Path(temporary))
    written_by_open3d(pathlib.Path(temporary))
