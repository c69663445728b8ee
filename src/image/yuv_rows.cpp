// SPDX-License-Identifier: Apache-2.0
#include "image/yuv_rows.hpp"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "image/yuv_rows.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace depthcloud::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The functions for pairs convert those that fill whole vectors, and return how many those are.
#if HWY_TARGET == HWY_SCALAR

std::size_t yuyv_pairs(const std::uint8_t*, std::size_t, const YuvCoefficients&, std::uint8_t*) {
  return 0;
}

std::size_t nv12_pairs(const std::uint8_t*, const std::uint8_t*, std::size_t,
                       const YuvCoefficients&, std::uint8_t*) {
  return 0;
}

std::size_t i420_pairs(const std::uint8_t*, const std::uint8_t*, const std::uint8_t*, std::size_t,
                       const YuvCoefficients&, std::uint8_t*) {
  return 0;
}

#else

/// Pairs of pixels with a chroma sample each, one pair a lane.
template <typename D, typename Bytes>
void store_pairs(D d, const YuvCoefficients& c, Bytes y0, Bytes y1, Bytes u, Bytes v,
                 std::uint8_t* rgb) {
  const auto black = hn::Set(d, c.black);
  const auto middle = hn::Set(d, 128);
  const auto luma = [&](Bytes y) HWY_ATTR {
    const auto value = hn::Mul(hn::Sub(hn::PromoteTo(d, y), black), hn::Set(d, c.luma));
    return hn::Add(value, hn::Set(d, 1 << 15));
  };
  const auto luma0 = luma(y0);
  const auto luma1 = luma(y1);
  const auto wide_u = hn::Sub(hn::PromoteTo(d, u), middle);
  const auto wide_v = hn::Sub(hn::PromoteTo(d, v), middle);

  const hn::Rebind<std::uint16_t, D> d16;
  const hn::Repartition<std::uint8_t, decltype(d16)> d8;
  const auto level = [&](auto value) HWY_ATTR {
    return hn::Min(hn::Max(hn::ShiftRight<16>(value), hn::Zero(d)), hn::Set(d, 255));
  };
  // The levels of both pixels of a pair next to each other: the second in the upper byte.
  const auto both = [&](auto chroma) HWY_ATTR {
    const auto first = level(hn::Add(luma0, chroma));
    const auto second = level(hn::Add(luma1, chroma));
    return hn::BitCast(d8, hn::DemoteTo(d16, hn::Or(first, hn::ShiftLeft<8>(second))));
  };
  const auto red = both(hn::Mul(wide_v, hn::Set(d, c.red_v)));
  const auto green =
      both(hn::Add(hn::Mul(wide_u, hn::Set(d, c.green_u)), hn::Mul(wide_v, hn::Set(d, c.green_v))));
  const auto blue = both(hn::Mul(wide_u, hn::Set(d, c.blue_u)));
  hn::StoreInterleaved3(red, green, blue, d8, rgb);
}

std::size_t yuyv_pairs(const std::uint8_t* row, std::size_t pairs, const YuvCoefficients& c,
                       std::uint8_t* rgb) {
  const hn::ScalableTag<std::int32_t> d;
  const hn::Rebind<std::uint8_t, decltype(d)> bytes;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= pairs; i += lanes) {
    hn::Vec<decltype(bytes)> y0, u, y1, v;
    hn::LoadInterleaved4(bytes, row + 4 * i, y0, u, y1, v);
    store_pairs(d, c, y0, y1, u, v, rgb + 6 * i);
  }
  return i;
}

std::size_t nv12_pairs(const std::uint8_t* luma, const std::uint8_t* chroma, std::size_t pairs,
                       const YuvCoefficients& c, std::uint8_t* rgb) {
  const hn::ScalableTag<std::int32_t> d;
  const hn::Rebind<std::uint8_t, decltype(d)> bytes;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= pairs; i += lanes) {
    hn::Vec<decltype(bytes)> y0, y1, u, v;
    hn::LoadInterleaved2(bytes, luma + 2 * i, y0, y1);
    hn::LoadInterleaved2(bytes, chroma + 2 * i, u, v);
    store_pairs(d, c, y0, y1, u, v, rgb + 6 * i);
  }
  return i;
}

std::size_t i420_pairs(const std::uint8_t* luma, const std::uint8_t* u, const std::uint8_t* v,
                       std::size_t pairs, const YuvCoefficients& c, std::uint8_t* rgb) {
  const hn::ScalableTag<std::int32_t> d;
  const hn::Rebind<std::uint8_t, decltype(d)> bytes;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= pairs; i += lanes) {
    hn::Vec<decltype(bytes)> y0, y1;
    hn::LoadInterleaved2(bytes, luma + 2 * i, y0, y1);
    store_pairs(d, c, y0, y1, hn::LoadU(bytes, u + i), hn::LoadU(bytes, v + i), rgb + 6 * i);
  }
  return i;
}

#endif

}  // namespace depthcloud::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace depthcloud {
HWY_EXPORT(yuyv_pairs);
HWY_EXPORT(nv12_pairs);
HWY_EXPORT(i420_pairs);

namespace {

void store_pixel(const YuvCoefficients& c, int y, int u, int v, std::uint8_t* rgb) {
  const std::int32_t luma = (y - c.black) * c.luma + (1 << 15);
  const auto level = [](std::int32_t value) {
    return static_cast<std::uint8_t>(std::clamp(value >> 16, 0, 255));
  };
  rgb[0] = level(luma + c.red_v * (v - 128));
  rgb[1] = level(luma + (c.green_u * (u - 128) + c.green_v * (v - 128)));
  rgb[2] = level(luma + c.blue_u * (u - 128));
}

}  // namespace

YuvCoefficients yuv_coefficients(YuvMatrix matrix, YuvRange range) {
  const double kr = matrix == YuvMatrix::bt601 ? 0.299 : 0.2126;
  const double kb = matrix == YuvMatrix::bt601 ? 0.114 : 0.0722;
  const double kg = 1 - kr - kb;
  const bool full = range == YuvRange::full;
  const double luma = full ? 1 : 255.0 / 219.0;
  const double chroma = full ? 1 : 255.0 / 224.0;
  const auto fixed = [](double value) {
    return static_cast<std::int32_t>(std::lround(value * 65536));
  };
  return {.black = full ? 0 : 16,
          .luma = fixed(luma),
          .red_v = fixed(chroma * 2 * (1 - kr)),
          .green_u = fixed(-chroma * 2 * (1 - kb) * kb / kg),
          .green_v = fixed(-chroma * 2 * (1 - kr) * kr / kg),
          .blue_u = fixed(chroma * 2 * (1 - kb))};
}

void yuyv_row(const std::uint8_t* row, std::size_t width, const YuvCoefficients& coefficients,
              std::uint8_t* rgb) {
  const std::size_t done = HWY_DYNAMIC_DISPATCH(yuyv_pairs)(row, width / 2, coefficients, rgb);
  for (std::size_t i = 2 * done; i < width; ++i) {
    const std::uint8_t* const pair = row + i / 2 * 4;
    store_pixel(coefficients, pair[i % 2 * 2], pair[1], pair[3], rgb + 3 * i);
  }
}

void nv12_row(const std::uint8_t* luma, const std::uint8_t* chroma, std::size_t width,
              const YuvCoefficients& coefficients, std::uint8_t* rgb) {
  const std::size_t done =
      HWY_DYNAMIC_DISPATCH(nv12_pairs)(luma, chroma, width / 2, coefficients, rgb);
  for (std::size_t i = 2 * done; i < width; ++i) {
    const std::uint8_t* const pair = chroma + i / 2 * 2;
    store_pixel(coefficients, luma[i], pair[0], pair[1], rgb + 3 * i);
  }
}

void i420_row(const std::uint8_t* luma, const std::uint8_t* u, const std::uint8_t* v,
              std::size_t width, const YuvCoefficients& coefficients, std::uint8_t* rgb) {
  const std::size_t done =
      HWY_DYNAMIC_DISPATCH(i420_pairs)(luma, u, v, width / 2, coefficients, rgb);
  for (std::size_t i = 2 * done; i < width; ++i) {
    store_pixel(coefficients, luma[i], u[i / 2], v[i / 2], rgb + 3 * i);
  }
}

std::int64_t yuv_rows_targets() { return HWY_TARGETS; }

}  // namespace depthcloud
#endif
