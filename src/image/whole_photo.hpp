// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <depthcloud/decode.hpp>

#include "image/color_profile.hpp"
#include "image/exif.hpp"
#include "image/photo_file.hpp"

namespace depthcloud {

/// What the header of a photo says.
struct PhotoHeader {
  const char* format = "";  ///< its name, for messages
  int width = 0;            ///< as stored
  int height = 0;
  bool has_alpha = false;
  ColorModel model = ColorModel::rgb;   ///< gray or rgb
  ExifRecord exif{};                    ///< its orientation is one that is still to be applied
  std::vector<std::uint8_t> profile{};  ///< ICC; empty: none
};

/// A photo that is decoded as a whole, then brought to sRGB, to gray and upright.
class WholePhoto : public PhotoFile {
 public:
  void decode(int min_width, int min_height, Image& out) final;

 protected:
  explicit WholePhoto(const DecodeOptions& options) : options_(options) {}
  /// Checks the size against the limit. Before decode().
  void set_header(PhotoHeader header);
  const DecodeOptions& options() const { return options_; }
  const PhotoHeader& header() const { return header_; }

 private:
  /// Reads the stored pixels into an image of their size: rgb, bgr, rgba, bgra, or gray of a gray
  /// photo.
  virtual void read(Image& stored) = 0;
  /// Bytes that reading takes beside the image.
  virtual double scratch_bytes() const { return 0; }
  double needed_bytes(PixelFormat read_format, bool changes) const;

  DecodeOptions options_;
  PhotoHeader header_;
  Orientation orientation_ = Orientation::top_left;
};

}  // namespace depthcloud
