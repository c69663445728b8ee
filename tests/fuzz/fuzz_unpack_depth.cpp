// SPDX-License-Identifier: Apache-2.0
// The encoding `depth` behind its compression, which mutations would hardly ever get through: the
// input says what the parts of a message hold, and they are compressed here. unpack either throws
// its own error or gives a grid that packs again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include <msgpack.hpp>

#include <depthcloud/error.hpp>
#include <depthcloud/wire.hpp>

#include "wire/zstd.hpp"

namespace {

using Bytes = std::vector<std::uint8_t>;

/// The input, taken from the front; zeros behind its end.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}

  Bytes take(std::size_t size) {
    Bytes bytes(size);
    const std::size_t there = std::min(size, rest_.size());
    std::copy_n(rest_.begin(), there, bytes.begin());
    rest_ = rest_.subspan(there);
    return bytes;
  }
  std::uint8_t byte() { return take(1)[0]; }
  double number() {
    double value = 0;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  Bytes rest() { return take(rest_.size()); }

 private:
  std::span<const std::uint8_t> rest_;
};

class Message {
 public:
  explicit Message(std::uint32_t keys) : packer_(buffer_) { packer_.pack_map(keys); }

  template <typename T>
  void add(std::string_view key, const T& value) {
    packer_.pack(key);
    packer_.pack(value);
  }
  void add_part(std::string_view key, const Bytes& contents, bool compress = true) {
    const Bytes bytes = compress ? depthcloud::zstd_compress(contents) : contents;
    packer_.pack(key);
    packer_.pack_bin(static_cast<std::uint32_t>(bytes.size()));
    packer_.pack_bin_body(reinterpret_cast<const char*>(bytes.data()),
                          static_cast<std::uint32_t>(bytes.size()));
  }
  std::span<const std::uint8_t> bytes() const {
    return {reinterpret_cast<const std::uint8_t*>(buffer_.data()), buffer_.size()};
  }

 private:
  msgpack::sbuffer buffer_;
  msgpack::packer<msgpack::sbuffer> packer_;
};

void send_again(const depthcloud::Packet& packet) {
  if (!packet.grid) std::abort();
  depthcloud::WireOptions options;
  options.format = {.encoding = depthcloud::Encoding::depth,
                    .relative_error = 0.001,
                    .colors = depthcloud::GridColors::client};
  const auto again = depthcloud::unpack(depthcloud::pack(*packet.grid, options));
  if (again.cloud.size() != packet.cloud.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const unsigned width = input.byte() + 1u;
  const unsigned height = input.byte() + 1u;
  const unsigned stride = input.byte() % 4 + 1u;
  const unsigned flags = input.byte();
  const bool has_mask = (flags & 1) != 0;
  const bool has_colors = (flags & 2) != 0;
  const std::size_t pixels = std::size_t{(width - 1) / stride + 1} * ((height - 1) / stride + 1);
  // Sizes are right unless a flag says otherwise, so that mutations reach what lies behind them.
  const std::size_t off = flags >> 2 & 3;
  const double near = (flags & 16) != 0 ? input.number() : 1.5;
  const double step = (flags & 32) != 0 ? input.number() : 0.00288;
  const std::size_t escape_bytes = input.byte() + std::size_t{256} * (input.byte() % 64);

  const Bytes mask = has_mask ? input.take((pixels + 7) / 8) : Bytes();
  std::size_t points = has_mask ? 0 : pixels;
  for (std::size_t i = 0; has_mask && i < pixels; ++i) points += mask[i / 8] >> (7 - i % 8) & 1;

  Message message(13 + static_cast<std::uint32_t>(has_mask) +
                  static_cast<std::uint32_t>(has_colors));
  message.add("type", "pointcloud");
  message.add("timestamp", "now");
  message.add("encoding", "depth");
  message.add("num_points", points + (off == 3));
  message.add("width", width);
  message.add("height", height);
  message.add("stride", stride);
  message.add("intrinsics", std::vector<double>{40.0, 41.0, 20.0, 10.0});
  message.add("near", near);
  message.add("step", step);
  message.add("unknown", flags);
  if (has_mask) message.add_part("mask", mask);
  message.add_part("escapes", input.take(escape_bytes));
  message.add_part("codes", input.take((pixels + 3) / 4 + (off == 1)));
  if (has_colors) message.add_part("colors", input.rest(), false);

  depthcloud::UnpackLimits limits;
  limits.max_points = 65'536;
  try {
    send_again(depthcloud::unpack(message.bytes(), limits));
  } catch (const depthcloud::Error& error) {
    if (error.stage() != depthcloud::Stage::pack) std::abort();
  }
  return 0;
}
