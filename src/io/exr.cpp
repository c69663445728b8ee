// SPDX-License-Identifier: Apache-2.0
#include "io/exr.hpp"

#include <ImfFrameBuffer.h>
#include <ImfIO.h>
#include <ImfInputFile.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include <depthcloud/buffer.hpp>
#include <depthcloud/error.hpp>

#include "core/quote.hpp"
#include "io/depth_samples.hpp"
#include "io/exr_chunks.hpp"
#include "io/exr_header.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::file, "EXR: " + message);
}

/// A file in memory, as OpenEXR reads it, with another header of the same size.
class MemoryStream final : public Imf::IStream {
 public:
  MemoryStream(std::span<const std::uint8_t> bytes, std::span<const std::uint8_t> header)
      : Imf::IStream("depth"), bytes_(bytes), header_(header) {}

  bool read(char* out, int size) override {
    const auto wanted = static_cast<std::size_t>(size);
    if (size < 0 || at_ > bytes_.size() || wanted > bytes_.size() - at_) {
      throw std::runtime_error("truncated");
    }
    const std::size_t of_header =
        at_ < header_.size() ? std::min<std::size_t>(wanted, header_.size() - at_) : 0;
    std::copy_n(header_.begin() + static_cast<std::ptrdiff_t>(of_header > 0 ? at_ : 0), of_header,
                out);
    std::memcpy(out + of_header, bytes_.data() + at_ + of_header, wanted - of_header);
    at_ += wanted;
    return at_ < bytes_.size();
  }
  std::uint64_t tellg() override { return at_; }
  void seekg(std::uint64_t at) override { at_ = at; }

 private:
  std::span<const std::uint8_t> bytes_;
  std::span<const std::uint8_t> header_;
  std::uint64_t at_ = 0;
};

Imf::PixelType pixel_type(const SampleType& type) {
  if (type.kind == 'u') return Imf::UINT;
  return type.bytes == 2 ? Imf::HALF : Imf::FLOAT;
}

/// OpenEXR counts from the origin of the display window, outside of which a picture may lie.
void read_channel(std::span<const std::uint8_t> bytes, const ExrHeader& header,
                  const ExrChannel& channel, std::uint8_t* out) try {
  MemoryStream stream(bytes, header.bytes);
  Imf::InputFile file(stream, /*numThreads=*/0);
  const ExrHeader::Window& window = header.data;
  const std::size_t row_bytes = static_cast<std::size_t>(window.width) * channel.type.bytes;
  Imf::FrameBuffer frame;
  frame.insert(channel.name,
               Imf::Slice::Make(pixel_type(channel.type), out, Imath::V2i(window.left, window.top),
                                window.width, window.height, channel.type.bytes, row_bytes));
  file.setFrameBuffer(frame);
  file.readPixels(window.top, window.top + window.height - 1);
} catch (const std::bad_alloc&) {
  throw;
} catch (const std::exception& error) {
  fail(ErrorCode::corrupt_data, quote(error.what()));
}

/// The picture in its display window: what the file holds outside of it is overscan, and what it
/// does not hold within has no depth.
Plane in_display(Plane plane, const ExrHeader& header) {
  const ExrHeader::Window& data = header.data;
  const ExrHeader::Window& display = header.display;
  if (display == data) return plane;
  Plane picture{display.width, display.height, {}};
  picture.values.resize(static_cast<std::size_t>(picture.width) *
                        static_cast<std::size_t>(picture.height));
  const std::int64_t right_shift = std::int64_t{data.left} - display.left;
  const std::int64_t down_shift = std::int64_t{data.top} - display.top;
  const std::int64_t first = std::max<std::int64_t>(0, -right_shift);
  const std::int64_t end = std::min<std::int64_t>(data.width, display.width - right_shift);
  for (std::int64_t v = 0; v < data.height; ++v) {
    const std::int64_t row = v + down_shift;
    if (row < 0 || row >= display.height || first >= end) continue;
    std::copy_n(plane.values.begin() + v * data.width + first, end - first,
                picture.values.begin() + row * display.width + first + right_shift);
  }
  return picture;
}

}  // namespace

Plane read_exr(std::span<const std::uint8_t> bytes, const DepthFileOptions& options) {
  const ExrHeader header = read_exr_header(bytes, options);
  const ExrChannel& channel = depth_channel(header, options);
  if (channel.subsampled) {
    fail(ErrorCode::unsupported, "channel " + quote(channel.name) + " has not every pixel");
  }
  unit_of(channel.type, options);
  check_exr_chunks(bytes, header);
  Plane plane{header.data.width, header.data.height, {}};
  const auto pixels =
      static_cast<std::size_t>(plane.width) * static_cast<std::size_t>(plane.height);
  Buffer<std::uint8_t> samples(pixels * channel.type.bytes);
  std::memset(samples.data(), 0, samples.size());
  read_channel(bytes, header, channel, samples.data());
  convert_samples(samples.span(), channel.type, row_by_row(plane.width, /*swap=*/false), options,
                  plane);
  return in_display(std::move(plane), header);
}

}  // namespace depthcloud
