// SPDX-License-Identifier: Apache-2.0
#include "cloud_format.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include <depthcloud/cloud_file.hpp>

#include "standard_streams.hpp"

namespace cli {

const char* to_string(CloudFormat format) {
  switch (format) {
    case CloudFormat::ply:
      return "ply";
    case CloudFormat::pcd:
      return "pcd";
    case CloudFormat::msgpack:
      return "msgpack";
  }
  return "";
}

std::string extension(const std::filesystem::path& path) {
  std::string text = path.extension().string();
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

CloudFormat parse_cloud_format(std::string_view name) {
  for (const CloudFormat format : {CloudFormat::ply, CloudFormat::pcd, CloudFormat::msgpack}) {
    if (name == to_string(format)) return format;
  }
  throw std::invalid_argument("no such format of clouds: " + std::string(name));
}

void write_cloud(const std::filesystem::path& path, CloudFormat format,
                 const depthcloud::CloudView& cloud) {
  const bool pcd = format == CloudFormat::pcd;
  if (is_stream(path)) {
    write_output(path, pcd ? depthcloud::encode_pcd(cloud, cloud.axes)
                           : depthcloud::encode_ply(cloud, cloud.axes));
  } else {
    pcd ? depthcloud::write_pcd(path, cloud, cloud.axes)
        : depthcloud::write_ply(path, cloud, cloud.axes);
  }
}

}  // namespace cli
