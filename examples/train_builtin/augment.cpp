// SPDX-License-Identifier: Apache-2.0
#include "augment.hpp"

#include <turbojpeg.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>

namespace train_builtin {
namespace {

constexpr float nearest_ratio = 30.0F;  ///< targets are capped at this many times the median

/// A rectangle of the picture, in its pixels.
struct Crop {
  float left = 0, top = 0, width = 0, height = 0;
  bool mirrored = false;
};

/// The largest rectangle of this aspect that fits, in the middle.
Crop fitting(const Picture& picture, int width, int height) {
  const auto w = static_cast<float>(picture.width), h = static_cast<float>(picture.height);
  const float aspect = static_cast<float>(width) / static_cast<float>(height);
  const float crop_width = std::min(w, h * aspect);
  const float crop_height = crop_width / aspect;
  return {(w - crop_width) / 2, (h - crop_height) / 2, crop_width, crop_height};
}

Crop random_crop(const Picture& picture, int width, int height, Random& random) {
  Crop crop = fitting(picture, width, height);
  const float zoom = random.chance(0.4F) ? 1.0F : random.uniform(0.6F, 1.0F);
  crop.width *= zoom;
  crop.height *= zoom;
  crop.left = random.unit() * (static_cast<float>(picture.width) - crop.width);
  crop.top = random.unit() * (static_cast<float>(picture.height) - crop.height);
  crop.mirrored = random.chance(0.5F);
  return crop;
}

/// The source pixels that one target pixel covers along one axis, with weights that sum to 1; at
/// least two, so that enlarging interpolates.
struct Taps {
  int first = 0;
  std::vector<float> weights;
};

std::vector<Taps> resampling(float start, float length, int target, int source, bool mirrored) {
  std::vector<Taps> taps(static_cast<std::size_t>(target));
  const float scale = length / static_cast<float>(target);
  const float radius = std::max(scale, 1.0F);
  for (int i = 0; i < target; ++i) {
    const float center = start + (static_cast<float>(i) + 0.5F) * scale - 0.5F;
    const int first = std::max(static_cast<int>(std::ceil(center - radius)), 0);
    const int last = std::min(static_cast<int>(std::floor(center + radius)), source - 1);
    Taps& tap = taps[static_cast<std::size_t>(mirrored ? target - 1 - i : i)];
    tap.first = std::min(first, source - 1);
    float sum = 0;
    for (int k = tap.first; k <= std::max(last, tap.first); ++k) {
      const float weight = std::max(1e-4F, 1 - std::abs(static_cast<float>(k) - center) / radius);
      tap.weights.push_back(weight);
      sum += weight;
    }
    for (float& weight : tap.weights) weight /= sum;
  }
  return taps;
}

std::vector<float> resample_rgb(const Picture& picture, const Crop& crop, int width, int height) {
  const auto columns = resampling(crop.left, crop.width, width, picture.width, crop.mirrored);
  const auto rows = resampling(crop.top, crop.height, height, picture.height, false);
  std::vector<float> out(static_cast<std::size_t>(width * height) * 3);
  std::vector<float> line(static_cast<std::size_t>(picture.width) * 3);
  float* write = out.data();
  for (const Taps& row : rows) {
    std::fill(line.begin(), line.end(), 0.0F);
    for (std::size_t k = 0; k < row.weights.size(); ++k) {
      const std::uint8_t* read =
          picture.rgb.data() + (static_cast<std::size_t>(row.first) + k) * line.size();
      const float weight = row.weights[k] / 255.0F;
      for (std::size_t i = 0; i < line.size(); ++i) line[i] += weight * static_cast<float>(read[i]);
    }
    for (const Taps& column : columns) {
      const float* read = line.data() + static_cast<std::ptrdiff_t>(column.first) * 3;
      for (int c = 0; c < 3; ++c) {
        float value = 0;
        for (std::size_t k = 0; k < column.weights.size(); ++k) {
          value += column.weights[k] * read[3 * k + static_cast<std::size_t>(c)];
        }
        *write++ = value;
      }
    }
  }
  return out;
}

/// Nearest neighbour: a mean across an edge is the depth of nothing.
std::vector<float> resample_depth(const Picture& picture, const Crop& crop, int width, int height) {
  const auto nearest = [](float start, float length, int i, int target, int source) {
    const float at = start + (static_cast<float>(i) + 0.5F) * length / static_cast<float>(target);
    return std::clamp(static_cast<int>(at), 0, source - 1);
  };
  std::vector<float> out;
  out.reserve(static_cast<std::size_t>(width * height));
  for (int v = 0; v < height; ++v) {
    const int row = nearest(crop.top, crop.height, v, height, picture.height);
    for (int u = 0; u < width; ++u) {
      const int from = crop.mirrored ? width - 1 - u : u;
      const int column = nearest(crop.left, crop.width, from, width, picture.width);
      out.push_back(picture.inverse_depth[static_cast<std::size_t>(row * picture.width + column)]);
    }
  }
  return out;
}

/// Divides by the median of what is not sky: the network cannot know the scale, and a median keeps
/// it steady from frame to frame.
void normalize(std::vector<float>& inverse) {
  std::vector<float> seen;
  seen.reserve(inverse.size());
  std::copy_if(inverse.begin(), inverse.end(), std::back_inserter(seen),
               [](float value) { return value > 0; });
  if (seen.empty()) return;
  const auto middle = seen.begin() + static_cast<std::ptrdiff_t>(seen.size() / 2);
  std::nth_element(seen.begin(), middle, seen.end());
  const float scale = 1 / *middle;
  for (float& value : inverse) value = std::min(value * scale, nearest_ratio);
}

void vary_colors(std::vector<float>& rgb, Random& random) {
  const float gamma = std::exp(random.normal() * 0.2F);
  const float gain = std::exp(random.normal() * 0.2F);
  const float lift = random.chance(0.3F) ? random.uniform(0, 0.15F) : 0;  // veiling glare
  const float saturation = random.chance(0.08F) ? 0 : random.uniform(0.5F, 1.4F);
  const std::array<float, 3> balance{gain * std::exp(random.normal() * 0.08F), gain,
                                     gain * std::exp(random.normal() * 0.08F)};
  for (std::size_t i = 0; i < rgb.size(); i += 3) {
    const float grey = 0.3F * rgb[i] + 0.6F * rgb[i + 1] + 0.1F * rgb[i + 2];
    for (std::size_t c = 0; c < 3; ++c) {
      const float color = std::max(grey + (rgb[i + c] - grey) * saturation, 0.0F) * balance[c];
      rgb[i + c] = std::clamp(lift + (1 - lift) * std::pow(color, gamma), 0.0F, 1.0F);
    }
  }
}

/// [1 2 1] / 4 along both axes.
void blur(std::vector<float>& rgb, int width, int height) {
  const std::vector<float> source = rgb;
  const auto row_bytes = static_cast<std::size_t>(width) * 3;
  const auto at = [&](int v, int u, std::size_t c) {
    const auto row = static_cast<std::size_t>(std::clamp(v, 0, height - 1));
    const auto column = static_cast<std::size_t>(std::clamp(u, 0, width - 1));
    return source[row * row_bytes + column * 3 + c];
  };
  for (int v = 0; v < height; ++v) {
    for (int u = 0; u < width; ++u) {
      for (std::size_t c = 0; c < 3; ++c) {
        const float sides = at(v - 1, u, c) + at(v + 1, u, c) + at(v, u - 1, c) + at(v, u + 1, c);
        const float corners =
            at(v - 1, u - 1, c) + at(v - 1, u + 1, c) + at(v + 1, u - 1, c) + at(v + 1, u + 1, c);
        rgb[static_cast<std::size_t>(v) * row_bytes + static_cast<std::size_t>(u) * 3 + c] =
            (4 * at(v, u, c) + 2 * sides + corners) / 16;
      }
    }
  }
}

/// Sensor noise; the sum of four uniform numbers is normal enough and cheap.
void add_noise(std::vector<float>& rgb, Random& random) {
  const float sigma = random.log_uniform(0.003F, 0.06F);
  for (float& value : rgb) {
    const std::uint64_t bits = random.next();
    const auto sum = static_cast<float>((bits & 0xFFFFU) + ((bits >> 16U) & 0xFFFFU) +
                                        ((bits >> 32U) & 0xFFFFU) + (bits >> 48U));
    value = std::clamp(value + (sum / 65536.0F - 2) * 1.732F * sigma, 0.0F, 1.0F);
  }
}

std::vector<std::uint8_t> to_bytes(const std::vector<float>& rgb) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(rgb.size());
  for (const float value : rgb) bytes.push_back(static_cast<std::uint8_t>(value * 255 + 0.5F));
  return bytes;
}

/// Codes and decodes the photo as JPEG.
void compress(std::vector<float>& rgb, int width, int height, int quality) {
  struct Destroy {
    void operator()(void* handle) const { tjDestroy(handle); }
  };
  const std::unique_ptr<void, Destroy> coder(tjInitCompress()), decoder(tjInitDecompress());
  std::vector<std::uint8_t> pixels = to_bytes(rgb);
  std::vector<std::uint8_t> jpeg(tjBufSize(width, height, TJSAMP_420));
  unsigned char* data = jpeg.data();
  unsigned long size = jpeg.size();
  if (tjCompress2(coder.get(), pixels.data(), width, 0, height, TJPF_RGB, &data, &size, TJSAMP_420,
                  quality, TJFLAG_NOREALLOC) != 0 ||
      tjDecompress2(decoder.get(), data, size, pixels.data(), width, 0, height, TJPF_RGB, 0) != 0) {
    throw std::runtime_error(std::string("JPEG augmentation: ") + tjGetErrorStr2(coder.get()));
  }
  std::transform(pixels.begin(), pixels.end(), rgb.begin(),
                 [](std::uint8_t value) { return static_cast<float>(value) / 255.0F; });
}

Sample cut(const Picture& picture, const Crop& crop, int width, int height) {
  Sample sample{resample_rgb(picture, crop, width, height),
                resample_depth(picture, crop, width, height)};
  normalize(sample.inverse_depth);
  return sample;
}

}  // namespace

Sample augmented(const Picture& picture, int width, int height, Random& random) {
  Sample sample = cut(picture, random_crop(picture, width, height, random), width, height);
  vary_colors(sample.rgb, random);
  if (random.chance(0.25F)) blur(sample.rgb, width, height);
  if (random.chance(0.6F)) add_noise(sample.rgb, random);
  if (random.chance(0.4F)) compress(sample.rgb, width, height, random.between(25, 92));
  return sample;
}

Sample plain(const Picture& picture, int width, int height) {
  return cut(picture, fitting(picture, width, height), width, height);
}

}  // namespace train_builtin
