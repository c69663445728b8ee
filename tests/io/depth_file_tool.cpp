// SPDX-License-Identifier: Apache-2.0
// Lets stock_depth_files.py call the depth files:
//   depth_file_tool read FILE SCALE [ARRAY]   height, width and values as raw int32 and float32 on
//   stdout; exit code 3 where the build lacks the library
//   depth_file_tool write OUT         OUT.npy, OUT.pfm, OUT.16.png and OUT.FORMAT.png of known
//   values
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <depthcloud/depth_file.hpp>
#include <depthcloud/error.hpp>
#include <depthcloud/files.hpp>

namespace {

using depthcloud::PixelFormat;
using namespace std::string_literals;

int read(const char* path, double scale, const char* array) {
  depthcloud::DepthFileOptions options;
  options.scale = scale;
  options.array = array;
  const auto plane = depthcloud::read_depth(depthcloud::read_file(path), options);
  const std::int32_t size[] = {plane.height, plane.width};
  std::fwrite(size, sizeof *size, 2, stdout);
  std::fwrite(plane.values.data(), sizeof(float), plane.values.size(), stdout);
  return 0;
}

int write(const std::string& out) {
  constexpr int width = 37;
  constexpr int height = 23;
  std::vector<float> depth;
  for (int i = 0; i < width * height; ++i) depth.push_back(0.125f * static_cast<float>(i));
  depthcloud::write_file(out + ".npy", depthcloud::encode_npy(depth, width, height));
  depthcloud::write_file(out + ".pfm", depthcloud::encode_pfm(depth, width, height));
  depthcloud::write_file(out + ".16.png", depthcloud::encode_depth_png16(depth, width, height));

  constexpr std::ptrdiff_t stride = 4 * width + 5;
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < stride * height; ++i) pixels.push_back(static_cast<std::uint8_t>(i * 7));
  for (const auto& [name, format] : {std::pair{"rgb", PixelFormat::rgb},
                                     {"bgr", PixelFormat::bgr},
                                     {"rgba", PixelFormat::rgba},
                                     {"bgra", PixelFormat::bgra},
                                     {"gray", PixelFormat::gray}}) {
    depthcloud::write_file(out + "." + name + ".png",
                           depthcloud::encode_png({pixels.data(), width, height, stride, format}));
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  if ((argc == 4 || argc == 5) && argv[1] == "read"s) {
    return read(argv[2], std::stod(argv[3]), argc == 5 ? argv[4] : "");
  }
  if (argc == 3 && argv[1] == "write"s) return write(argv[2]);
  return 2;
} catch (const depthcloud::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return error.code() == depthcloud::ErrorCode::unavailable ? 3 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
