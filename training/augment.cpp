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

constexpr float far_quantile = 0.04F;
constexpr float near_quantile = 0.96F;
constexpr float least_contrast = 0.06F;  ///< standard deviation of grey

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
  const float zoom = random.chance(0.4F) ? 1.0F : random.uniform(0.55F, 1.0F);
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

float quantile(std::vector<float>& values, float share) {
  const auto at = values.begin() +
                  static_cast<std::ptrdiff_t>(share * static_cast<float>(values.size() - 1) + 0.5F);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

/// Inverse depth becomes nearness: the network cannot know the scale, and what is very near or far
/// would outweigh the rest.
void set_target(Sample& sample, std::vector<float> inverse) {
  std::vector<float> sorted = inverse;
  const float far_end = quantile(sorted, far_quantile);
  const float near_end = std::max(quantile(sorted, near_quantile), 1e-6F);
  const float scale = 1 / std::max(near_end - far_end, 1e-3F * near_end);
  sample.range = far_end / near_end;
  for (const float value : inverse) {
    sample.sky.push_back(value == 0 ? 1.0F : 0.0F);
    sample.nearness.push_back(std::clamp((value - far_end) * scale, 0.0F, 1.0F));
  }
}

float grey_of(const float* rgb) { return 0.3F * rgb[0] + 0.6F * rgb[1] + 0.1F * rgb[2]; }

std::vector<float> greys_of(const std::vector<float>& rgb) {
  std::vector<float> greys;
  greys.reserve(rgb.size() / 3);
  for (std::size_t i = 0; i < rgb.size(); i += 3) greys.push_back(grey_of(&rgb[i]));
  return greys;
}

/// From black to white, as cameras and photographers like it.
void stretch_levels(std::vector<float>& rgb) {
  std::vector<float> greys = greys_of(rgb);
  const float dark = quantile(greys, 0.01F), bright = quantile(greys, 0.99F);
  const float scale = 1 / std::max(bright - dark, 0.1F);
  for (float& value : rgb) value = std::clamp((value - dark) * scale, 0.0F, 1.0F);
}

void vary_colors(std::vector<float>& rgb, Random& random) {
  const float gamma = std::exp(random.normal() * 0.25F);
  const float gain = std::exp(random.normal() * 0.25F);
  const float lift = random.chance(0.15F) ? random.uniform(0, 0.3F) : 0;  // veiling glare
  const float saturation = random.chance(0.12F) ? 0 : random.uniform(0.4F, 1.6F);
  const float contrast = random.chance(0.08F) ? random.uniform(0.25F, 0.7F) : 1;
  const std::array<float, 3> balance{gain * std::exp(random.normal() * 0.09F), gain,
                                     gain * std::exp(random.normal() * 0.09F)};
  for (std::size_t i = 0; i < rgb.size(); i += 3) {
    const float grey = grey_of(&rgb[i]);
    for (std::size_t c = 0; c < 3; ++c) {
      const float color = std::max(grey + (rgb[i + c] - grey) * saturation, 0.0F) * balance[c];
      const float coded = lift + (1 - lift) * std::pow(color, gamma);
      rgb[i + c] = std::clamp(0.5F + (coded - 0.5F) * contrast, 0.0F, 1.0F);
    }
  }
}

/// Means over 2 * radius + 1 neighbours along both axes, in place; `channels` interleaved.
void box_blur(std::vector<float>& values, int width, int height, int channels, int radius) {
  std::vector<float> line;
  const auto along = [&](std::size_t start, std::size_t step, int count) {
    line.resize(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < line.size(); ++i) line[i] = values[start + i * step];
    const auto at = [&](int i) {
      return line[static_cast<std::size_t>(std::clamp(i, 0, count - 1))];
    };
    float sum = 0;
    for (int i = -radius; i <= radius; ++i) sum += at(i);
    const float share = 1 / static_cast<float>(2 * radius + 1);
    for (int i = 0; i < count; ++i) {
      values[start + static_cast<std::size_t>(i) * step] = sum * share;
      sum += at(i + radius + 1) - at(i - radius);
    }
  };
  const auto columns = static_cast<std::size_t>(width * channels);
  const auto pixel = static_cast<std::size_t>(channels);
  for (std::size_t v = 0; v < static_cast<std::size_t>(height); ++v) {
    for (std::size_t c = 0; c < pixel; ++c) along(v * columns + c, pixel, width);
  }
  for (std::size_t i = 0; i < columns; ++i) along(i, columns, height);
}

void blur(std::vector<float>& rgb, int width, int height, int radius) {
  for (int pass = 0; pass < 2; ++pass) box_blur(rgb, width, height, 3, radius);
}

/// A lens that is focused on some nearness: what is not there is blurred. A pixel that is itself in
/// focus gives nothing to its blurred neighbours.
void defocus(Sample& sample, int width, int height, bool shallow, Random& random) {
  const float focus = shallow               ? random.uniform(0.75F, 1.0F)
                      : random.chance(0.6F) ? random.uniform(0.6F, 1.0F)
                                            : random.unit();
  const float strength = shallow ? random.uniform(0.03F, 0.12F) : random.uniform(0.01F, 0.06F);
  const float largest = strength * static_cast<float>(width);
  std::vector<float> circle;  // of confusion, pixels
  circle.reserve(sample.nearness.size());
  for (const float nearness : sample.nearness) {
    circle.push_back(std::min(std::abs(nearness - focus) * largest, largest * 0.8F));
  }
  std::vector<float> layer(circle.size() * 4);
  for (std::size_t i = 0; i < circle.size(); ++i) {
    const float share = std::clamp(circle[i], 0.02F, 1.0F);
    for (std::size_t c = 0; c < 3; ++c) layer[4 * i + c] = sample.rgb[3 * i + c] * share;
    layer[4 * i + 3] = share;
  }
  std::vector<float> sharper = sample.rgb;
  float sharper_radius = 0;
  for (int radius = 1; static_cast<float>(radius) < 2 * largest; radius *= 2) {
    for (int pass = 0; pass < 2; ++pass) box_blur(layer, width, height, 4, radius);
    const auto reached = static_cast<float>(radius);
    for (std::size_t i = 0; i < circle.size(); ++i) {
      if (circle[i] <= sharper_radius) continue;
      const float amount =
          std::min((circle[i] - sharper_radius) / (reached - sharper_radius), 1.0F);
      for (std::size_t c = 0; c < 3; ++c) {
        const float blurred = layer[4 * i + c] / layer[4 * i + 3];
        float& value = sample.rgb[3 * i + c];
        value = sharper[3 * i + c] + (blurred - sharper[3 * i + c]) * amount;
        sharper[3 * i + c] = blurred;
      }
    }
    sharper_radius = reached;
  }
}

/// The camera moved while it looked: the mean along a short line.
void motion_blur(std::vector<float>& rgb, int width, int height, Random& random) {
  const float angle = random.uniform(0, 3.14159F);
  const int half = random.between(1, std::max(1, width / 48));
  const std::vector<float> source = rgb;
  for (int v = 0; v < height; ++v) {
    for (int u = 0; u < width; ++u) {
      std::array<float, 3> sum{};
      for (int k = -half; k <= half; ++k) {
        const auto step = static_cast<float>(k);
        const int x =
            std::clamp(u + static_cast<int>(std::lround(step * std::cos(angle))), 0, width - 1);
        const int y =
            std::clamp(v + static_cast<int>(std::lround(step * std::sin(angle))), 0, height - 1);
        const auto at = static_cast<std::size_t>(y * width + x) * 3;
        for (std::size_t c = 0; c < 3; ++c) sum[c] += source[at + c];
      }
      const auto at = static_cast<std::size_t>(v * width + u) * 3;
      for (std::size_t c = 0; c < 3; ++c) rgb[at + c] = sum[c] / static_cast<float>(2 * half + 1);
    }
  }
}

/// Brush strokes: of the four squares that touch at a pixel, the mean of the most even one
/// (Kuwahara, 1976).
void paint(std::vector<float>& rgb, int width, int height, int radius) {
  const std::vector<float> source = rgb;
  const auto at = [&](int v, int u) {
    return static_cast<std::size_t>(std::clamp(v, 0, height - 1) * width +
                                    std::clamp(u, 0, width - 1)) *
           3;
  };
  const auto count = static_cast<float>((radius + 1) * (radius + 1));
  for (int v = 0; v < height; ++v) {
    for (int u = 0; u < width; ++u) {
      float evenest = 1e9F;
      for (int corner = 0; corner < 4; ++corner) {
        const int left = (corner & 1) != 0 ? u : u - radius;
        const int top = (corner & 2) != 0 ? v : v - radius;
        std::array<float, 3> sum{};
        float squares = 0;
        for (int y = top; y <= top + radius; ++y) {
          for (int x = left; x <= left + radius; ++x) {
            const std::size_t from = at(y, x);
            for (std::size_t c = 0; c < 3; ++c) {
              sum[c] += source[from + c];
              squares += source[from + c] * source[from + c];
            }
          }
        }
        float spread = squares * count;
        for (const float s : sum) spread -= s * s;
        if (spread >= evenest) continue;
        evenest = spread;
        for (std::size_t c = 0; c < 3; ++c) rgb[at(v, u) + c] = sum[c] / count;
      }
    }
  }
}

/// Pencil lines on paper where depth or brightness jumps, with more or less shading.
void sketch(Sample& sample, int width, int height, Random& random) {
  const float shading = random.chance(0.4F) ? 0 : random.uniform(0.1F, 0.8F);
  const float outline = random.uniform(2, 8), detail = random.uniform(0.5F, 4);
  const float paper = random.uniform(0.75F, 1.0F);
  const std::array<float, 3> tint{paper, paper * random.uniform(0.9F, 1.0F),
                                  paper * random.uniform(0.75F, 1.0F)};
  const std::vector<float> source = sample.rgb;
  const auto grey = [&](std::size_t i) { return grey_of(&source[3 * i]); };
  for (int v = 0; v < height; ++v) {
    for (int u = 0; u < width; ++u) {
      const auto here = static_cast<std::size_t>(v * width + u);
      const auto right = static_cast<std::size_t>(v * width + std::min(u + 1, width - 1));
      const auto below = static_cast<std::size_t>(std::min(v + 1, height - 1) * width + u);
      const auto& n = sample.nearness;
      const float edge = std::abs(n[right] - n[here]) + std::abs(n[below] - n[here]);
      const float line = std::abs(grey(right) - grey(here)) + std::abs(grey(below) - grey(here));
      const float ink = std::clamp(outline * edge + detail * line - 0.1F, 0.0F, 0.9F);
      const float light = (1 - ink) * (1 - shading + shading * grey(here));
      for (std::size_t c = 0; c < 3; ++c) sample.rgb[3 * here + c] = tint[c] * light;
    }
  }
}

/// Corners darker than the middle.
void vignette(std::vector<float>& rgb, int width, int height, Random& random) {
  const float strength = random.uniform(0.1F, 0.6F);
  for (int v = 0; v < height; ++v) {
    for (int u = 0; u < width; ++u) {
      const float x = 2 * static_cast<float>(u) / static_cast<float>(width) - 1;
      const float y = 2 * static_cast<float>(v) / static_cast<float>(height) - 1;
      const float kept = 1 - strength * 0.5F * (x * x + y * y);
      for (std::size_t c = 0; c < 3; ++c)
        rgb[static_cast<std::size_t>(v * width + u) * 3 + c] *= kept;
    }
  }
}

/// Sensor noise; the sum of four uniform numbers is normal enough and cheap.
void add_noise(std::vector<float>& rgb, Random& random) {
  const float sigma = random.log_uniform(0.003F, 0.05F);
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
  Sample sample;
  sample.rgb = resample_rgb(picture, crop, width, height);
  set_target(sample, resample_depth(picture, crop, width, height));
  return sample;
}

}  // namespace

Sample augmented(const Picture& picture, int width, int height, Random& random) {
  Sample sample = cut(picture, random_crop(picture, width, height, random), width, height);
  const float style = random.unit();
  if (style < 0.03F) {
    sketch(sample, width, height, random);
  } else if (style < 0.1F) {
    paint(sample.rgb, width, height, random.between(1, 3));
  } else if (style < 0.4F || picture.shallow_focus) {
    defocus(sample, width, height, picture.shallow_focus, random);
  }
  if (random.chance(0.08F)) motion_blur(sample.rgb, width, height, random);
  if (random.chance(0.5F)) stretch_levels(sample.rgb);
  vary_colors(sample.rgb, random);
  if (random.chance(0.15F)) vignette(sample.rgb, width, height, random);
  if (random.chance(0.12F)) blur(sample.rgb, width, height, 1);
  if (random.chance(0.35F)) add_noise(sample.rgb, random);
  if (random.chance(0.4F)) compress(sample.rgb, width, height, random.between(25, 92));
  return sample;
}

bool is_blank(const Sample& sample) {
  const std::vector<float> greys = greys_of(sample.rgb);
  float sum = 0, squares = 0;
  for (const float grey : greys) {
    sum += grey;
    squares += grey * grey;
  }
  const auto count = static_cast<float>(greys.size());
  const float mean = sum / count;
  return squares / count - mean * mean < least_contrast * least_contrast;
}

Sample plain(const Picture& picture, int width, int height) {
  return cut(picture, fitting(picture, width, height), width, height);
}

}  // namespace train_builtin
