// SPDX-License-Identifier: Apache-2.0
#include "rivals/draco_points.hpp"

#include <cstdlib>

#include <draco/compression/decode.h>
#include <draco/compression/encode.h>
#include <draco/point_cloud/point_cloud_builder.h>

namespace rivals {

std::vector<std::uint8_t> draco_encode(const depthcloud::CloudView& cloud, int bits, int speed,
                                       bool with_colors) {
  using draco::GeometryAttribute;
  draco::PointCloudBuilder builder;
  builder.Start(static_cast<std::uint32_t>(cloud.size()));
  const int positions = builder.AddAttribute(GeometryAttribute::POSITION, 3, draco::DT_FLOAT32);
  builder.SetAttributeValuesForAllPoints(positions, cloud.positions.data(), 0);
  if (with_colors) {
    const int colors = builder.AddAttribute(GeometryAttribute::COLOR, 3, draco::DT_UINT8);
    builder.SetAttributeValuesForAllPoints(colors, cloud.colors.data(), 0);
  }
  const auto points = builder.Finalize(false);
  draco::Encoder encoder;
  encoder.SetSpeedOptions(speed, speed);
  encoder.SetAttributeQuantization(GeometryAttribute::POSITION, bits);
  draco::EncoderBuffer buffer;
  if (!points || !encoder.EncodePointCloudToBuffer(*points, &buffer).ok()) std::abort();
  return {buffer.data(), buffer.data() + buffer.size()};
}

std::vector<float> draco_decode(std::span<const std::uint8_t> bytes) {
  draco::DecoderBuffer buffer;
  buffer.Init(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  draco::Decoder decoder;
  auto decoded = decoder.DecodePointCloudFromBuffer(&buffer);
  if (!decoded.ok()) std::abort();
  const auto& points = *decoded.value();
  const auto* positions = points.GetNamedAttribute(draco::GeometryAttribute::POSITION);
  std::vector<float> xyz(3 * std::size_t{points.num_points()});
  for (draco::PointIndex i(0); i < points.num_points(); ++i) {
    positions->GetMappedValue(i, &xyz[3 * std::size_t{i.value()}]);
  }
  return xyz;
}

}  // namespace rivals
