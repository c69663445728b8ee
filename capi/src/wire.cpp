// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include "convert.hpp"
#include "guard.hpp"
#include "handles.hpp"
#include "versioned.hpp"

using namespace depthcloud;
using namespace depthcloud::capi;

namespace {

WireOptions wire_options(const dcl_wire_format* format, const dcl_tag* tag) {
  const FrameTag of = to_cpp(tag);
  return {.frame_id = of.frame_id, .capture_ts = of.capture_ts, .format = to_cpp(format)};
}

}  // namespace

dcl_status dcl_cloud_pack(const dcl_cloud_view* cloud, const dcl_wire_format* format,
                          const dcl_tag* tag, dcl_packet** packet, dcl_error* err) {
  return guard(err, [&] {
    dcl_packet*& out = object(packet, "packet");
    out = new dcl_packet{pack(to_cpp(object(cloud, "cloud")), wire_options(format, tag))};
  });
}

dcl_status dcl_cloud_builder_pack(dcl_cloud_builder* builder, const dcl_depth_view* depth,
                                  const dcl_image_view* image, const dcl_wire_format* format,
                                  const dcl_tag* tag, dcl_packet** packet, dcl_error* err) {
  return guard(err, [&] {
    dcl_packet*& out = object(packet, "packet");
    dcl_cloud_builder& of = object(builder, "builder");
    const WireOptions wire = wire_options(format, tag);
    const auto any_depth = to_cpp(object(depth, "depth"));
    const Pixels pixels(object(image, "image"));
    std::visit([&](const auto& view) { of.builder.build_grid(view, pixels.view(), of.grid); },
               any_depth);
    out = new dcl_packet{pack(of.grid, wire)};
  });
}

const uint8_t* dcl_packet_get_data(const dcl_packet* packet, size_t* size) {
  if (size != nullptr) *size = packet != nullptr ? packet->bytes.size() : 0;
  return packet != nullptr ? packet->bytes.data() : nullptr;
}

void dcl_packet_free(dcl_packet* packet) { delete packet; }

dcl_status dcl_packet_unpack(const void* bytes, size_t size, const dcl_unpack_limits* limits,
                             const dcl_image_view* kept, dcl_cloud** cloud, dcl_packet_info* info,
                             dcl_error* err) {
  return guard(err, [&] {
    dcl_cloud*& out = object(cloud, "cloud");
    if (info != nullptr) writable(info, "dcl_packet_info");
    Packet packet = unpack(to_bytes(bytes, size), to_cpp(limits));
    if (kept != nullptr && packet.grid && packet.grid->colors.empty()) {
      set_colors(*packet.grid, Pixels(*kept).view());
      unproject(*packet.grid, Axes::v1, packet.cloud);
    }
    const dcl_packet_info said = to_c(packet);
    out = new dcl_cloud{std::move(packet.cloud)};
    if (info != nullptr) write(*info, said);
  });
}
