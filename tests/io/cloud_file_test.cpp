// SPDX-License-Identifier: Apache-2.0
// The bytes; whether stock readers agree is the business of open3d_reads.py.
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <depthcloud/cloud_file.hpp>
#include <depthcloud/files.hpp>

#include "expect_error.hpp"
#include "temp_dir.hpp"

using depthcloud::Axes;
using depthcloud::CloudView;

namespace {

const std::vector<float> positions = {1.0f, -2.0f, 3.5f, 4.0f, 5.0f, 6.0f};
const std::vector<std::uint8_t> colors = {10, 20, 30, 40, 50, 255};

std::string text_of(const std::filesystem::path& path) {
  const auto bytes = depthcloud::read_file(path);
  return {bytes.begin(), bytes.end()};
}

std::string record(float x, float y, float z, std::initializer_list<int> color) {
  const float xyz[] = {x, y, z};
  std::string text(sizeof xyz, '\0');
  std::memcpy(text.data(), xyz, sizeof xyz);
  for (const int byte : color) text += static_cast<char>(byte);
  return text;
}

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("write_ply: header, axes and records") {
    const TempDir dir;
    depthcloud::write_ply(dir / "a.ply", {positions, colors, Axes::opengl});
    CHECK(text_of(dir / "a.ply") ==
          "ply\nformat binary_little_endian 1.0\ncomment axes opengl\nelement vertex 2\n"
          "property float x\nproperty float y\nproperty float z\n"
          "property uchar red\nproperty uchar green\nproperty uchar blue\nend_header\n" +
              record(1, -2, 3.5, {10, 20, 30}) + record(4, 5, 6, {40, 50, 255}));
  }

  TEST_CASE("write_pcd: header, axes and records") {
    const TempDir dir;
    depthcloud::write_pcd(dir / "a.pcd", {positions, colors, Axes::opencv}, Axes::opencv);
    CHECK(text_of(dir / "a.pcd") ==
          "# .PCD v0.7 - Point Cloud Data file format\n# axes opencv\nVERSION 0.7\n"
          "FIELDS x y z rgb\nSIZE 4 4 4 4\nTYPE F F F F\nCOUNT 1 1 1 1\nWIDTH 2\nHEIGHT 1\n"
          "VIEWPOINT 0 0 0 1 0 0 0\nPOINTS 2\nDATA binary\n" +
              record(1, -2, 3.5, {30, 20, 10, 0}) + record(4, 5, 6, {255, 50, 40, 0}));
  }

  TEST_CASE("cloud files: points are converted to the axes of the file, by default right-handed") {
    const TempDir dir;
    const CloudView packed{positions, colors, Axes::v1};  // as unpack() gives it
    const auto holds = [&](const std::filesystem::path& path, const std::string& axes,
                           const std::string& first) {
      const std::string text = text_of(path);
      CHECK(contains(text, " axes " + axes + "\n"));
      CHECK(contains(text, first));
    };
    depthcloud::write_ply(dir / "a.ply", packed);
    holds(dir / "a.ply", "opengl", record(1, -2, -3.5, {10, 20, 30}) + record(4, 5, -6, {40}));
    depthcloud::write_pcd(dir / "a.pcd", packed);
    holds(dir / "a.pcd", "opengl", record(1, -2, -3.5, {30, 20, 10, 0}));
    depthcloud::write_ply(dir / "a.ply", packed, Axes::ros);
    holds(dir / "a.ply", "ros", record(3.5, -1, -2, {10, 20, 30}));
    depthcloud::write_pcd(dir / "a.pcd", packed, Axes::opencv);
    holds(dir / "a.pcd", "opencv", record(1, 2, 3.5, {30, 20, 10, 0}));
    depthcloud::write_ply(dir / "a.ply", packed, Axes::v1);
    holds(dir / "a.ply", "v1", record(1, -2, 3.5, {10, 20, 30}));
    CHECK(error_of([&] {
            depthcloud::write_ply(dir / "b.ply", packed, static_cast<Axes>(9));
          }).starts_with("invalid_argument"));
  }

  TEST_CASE("cloud files: a cloud without colours has no fields of colours") {
    const auto text = [](const std::vector<std::uint8_t>& bytes) {
      return std::string(bytes.begin(), bytes.end());
    };
    CHECK(text(depthcloud::encode_ply({positions, {}, Axes::opencv}, Axes::opencv)) ==
          "ply\nformat binary_little_endian 1.0\ncomment axes opencv\nelement vertex 2\n"
          "property float x\nproperty float y\nproperty float z\nend_header\n" +
              record(1, -2, 3.5, {}) + record(4, 5, 6, {}));
    CHECK(text(depthcloud::encode_pcd({positions, {}, Axes::opencv}, Axes::opencv)) ==
          "# .PCD v0.7 - Point Cloud Data file format\n# axes opencv\nVERSION 0.7\n"
          "FIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nCOUNT 1 1 1\nWIDTH 2\nHEIGHT 1\n"
          "VIEWPOINT 0 0 0 1 0 0 0\nPOINTS 2\nDATA binary\n" +
              record(1, -2, 3.5, {}) + record(4, 5, 6, {}));
  }

  TEST_CASE("cloud files: normals stand before the colours and turn with the axes") {
    const std::vector<float> normals = {0, 0, -1, 0.6f, -0.8f, 0};
    CloudView cloud{positions, colors, Axes::opencv};
    cloud.normals = normals;
    const auto text = [](const std::vector<std::uint8_t>& bytes) {
      return std::string(bytes.begin(), bytes.end());
    };
    const std::string ply = text(depthcloud::encode_ply(cloud));
    CHECK(contains(ply,
                   "property float z\nproperty float nx\nproperty float ny\nproperty float nz\n"
                   "property uchar red\n"));
    CHECK(ply.ends_with(record(1, 2, -3.5, {}) + record(0, -0.0f, 1, {10, 20, 30}) +
                        record(4, -5, -6, {}) + record(0.6f, 0.8f, -0.0f, {40, 50, 255})));
    const std::string pcd = text(depthcloud::encode_pcd(cloud, Axes::opencv));
    CHECK(contains(pcd,
                   "FIELDS x y z normal_x normal_y normal_z rgb\nSIZE 4 4 4 4 4 4 4\n"
                   "TYPE F F F F F F F\nCOUNT 1 1 1 1 1 1 1\n"));
    for (const depthcloud::PointCloud& read :
         {depthcloud::decode_ply(depthcloud::encode_ply(cloud, Axes::opencv)),
          depthcloud::decode_pcd(depthcloud::encode_pcd(cloud, Axes::opencv))}) {
      CHECK(std::equal(normals.begin(), normals.end(), read.normals.begin(), read.normals.end()));
      CHECK(read.colors.size() == 6);
    }
    cloud.normals = std::span(normals).first(3);
    CHECK(contains(error_of([&] { depthcloud::encode_ply(cloud); }), "values of normals"));
  }

  TEST_CASE("cloud files: encoders give the bytes of the files") {
    const TempDir dir;
    const CloudView cloud{positions, colors, Axes::v1};
    depthcloud::write_ply(dir / "a.ply", cloud);
    depthcloud::write_pcd(dir / "a.pcd", cloud);
    CHECK(depthcloud::encode_ply(cloud) == depthcloud::read_file(dir / "a.ply"));
    CHECK(depthcloud::encode_pcd(cloud) == depthcloud::read_file(dir / "a.pcd"));
    CHECK(error_of([&] {
            depthcloud::encode_ply({positions, std::span(colors).first(3)});
          }).starts_with("invalid_argument"));
  }

  TEST_CASE("cloud files: an empty cloud is a file without points") {
    const TempDir dir;
    depthcloud::write_ply(dir / "a.ply", {});
    depthcloud::write_pcd(dir / "a.pcd", {});
    CHECK(contains(text_of(dir / "a.ply"), "element vertex 0\n"));
    CHECK(text_of(dir / "a.pcd").ends_with("POINTS 0\nDATA binary\n"));
  }

  TEST_CASE("cloud files: nothing but the finished file is left behind") {
    const TempDir dir;
    depthcloud::write_ply(dir / "a.ply", {positions, colors});
    depthcloud::write_pcd(dir / "a.ply", {positions, colors});
    CHECK(text_of(dir / "a.ply").starts_with("# .PCD"));
    const auto entries = std::filesystem::directory_iterator(dir.path());
    CHECK(std::distance(begin(entries), end(entries)) == 1);
  }

  TEST_CASE("cloud files: errors") {
    const TempDir dir;
    for (const auto write : {depthcloud::write_ply, depthcloud::write_pcd}) {
      CHECK(error_of([&] {
              write(dir / "a", CloudView{positions, std::span(colors).first(3)}, Axes::opengl);
            }).starts_with("invalid_argument"));
      CHECK_FALSE(std::filesystem::exists(dir / "a"));
      CHECK(contains(error_of([&] {
                       write(dir / "none" / "a", {positions, colors}, Axes::opengl);
                     }),
                     " file: "));
    }
  }
}
