// SPDX-License-Identifier: Apache-2.0
#include "cloud/unproject_rows.hpp"

#include <array>

// SSE2, SSSE3 and SSE4: with four lanes the shuffles cost more than they save, the plain loop is
// faster. Scalable vectors: they cannot be members of a class; NEON serves those machines.
#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cloud/unproject_rows.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace depthcloud {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SSE2

// The method, plainly, for processors without wide vectors. Every sample is written and only those
// that are kept advance the output: a branch would be mispredicted at every edge.
std::size_t unproject_any(const SampledRows& in, const KeepRange& keep, const PointSink& out) {
  // Copies: bytes that are stored might else be these, as far as the compiler knows.
  const SampledRows source = in;
  const KeepRange range = keep;
  const PointSink sink = out;
  const int red = in.blue_first ? 2 : 0;
  const std::ptrdiff_t step = source.step;
  std::size_t end = 0;
  for (int row = 0; row < source.rows; ++row) {
    const float* const depth = source.depth + row * source.pitch;
    const float* const confidence =
        source.confidence ? source.confidence + row * source.pitch : nullptr;
    const std::uint8_t* pixel = source.colors + row * source.color_pitch;
    const float ray_y = source.ray_y[row];
    for (int column = 0; column < source.columns; ++column) {
      const float z = depth[column * step];
      float* const xyz = sink.positions + end;
      xyz[0] = source.ray_x[column] * z;
      xyz[1] = ray_y * z;
      xyz[2] = source.sign_z * z;
      std::uint8_t* const rgb = sink.colors + end;
      rgb[0] = pixel[red];
      rgb[1] = pixel[1];
      rgb[2] = pixel[2 - red];
      pixel += step * source.color_bytes;
      bool kept = (z >= range.min_depth) & (z <= range.max_depth);
      if (confidence != nullptr) kept &= confidence[column * step] >= range.min_confidence;
      end += 3 * static_cast<std::size_t>(kept);
    }
  }
  return end / 3;
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, max_lanes>;
using Words = hn::RebindToUnsigned<Floats>;
using Bytes = hn::Repartition<std::uint8_t, Floats>;
using FloatVec = hn::Vec<Floats>;
using WordVec = hn::Vec<Words>;
using Mask = hn::Mask<Floats>;

constexpr std::size_t lanes = hn::MaxLanes(Floats());

/// Lane indices for TableLookupLanes, made by a function of the output lane.
template <typename F>
HWY_INLINE auto lane_indices(F index_of) {
  HWY_ALIGN std::int32_t indices[lanes];
  for (std::size_t i = 0; i < lanes; ++i) indices[i] = static_cast<std::int32_t>(index_of(i));
  return hn::SetTableIndices(Floats(), indices);
}
using LaneIndices = decltype(lane_indices([](std::size_t i) { return i; }));

/// A byte shuffle that is the same in every block of 16.
HWY_INLINE hn::Vec<Bytes> block_shuffle(const std::array<std::uint8_t, 16>& pattern) {
  return hn::LoadDup128(Bytes(), pattern.data());
}

/// Writes points as x y z x y z ... from vectors of x and z. y is z times a constant of the row, so
/// it has no vector: z is put in its place and scaled there. The first of the three output vectors
/// takes values only from the lower half of the points, the last only from the upper half, and the
/// middle one from the last quarter of the lower half and the first quarter of the upper half.
class PositionWriter {
 public:
  HWY_INLINE explicit PositionWriter(float sign_z)
      : first_(lane_indices([](std::size_t i) { return source(i); })),
        middle_(lane_indices([](std::size_t i) { return source(lanes + i); })),
        last_(lane_indices([](std::size_t i) { return source(2 * lanes + i); })) {
    const Floats d;
    HWY_ALIGN float signs[3 * lanes];
    HWY_ALIGN float is_y[3 * lanes];
    for (std::size_t i = 0; i < 3 * lanes; ++i) {
      signs[i] = i % 3 == 2 ? sign_z : 1.0f;
      is_y[i] = i % 3 == 1 ? 1.0f : 0.0f;
    }
    for (std::size_t k = 0; k < 3; ++k) {
      signs_[k] = hn::Load(d, signs + k * lanes);
      is_y_[k] = hn::Ne(hn::Load(d, is_y + k * lanes), hn::Zero(d));
    }
    HWY_ALIGN float late[lanes];
    for (std::size_t i = 0; i < lanes; ++i) late[i] = i % (lanes / 2) < lanes / 4 ? 0.0f : 1.0f;
    is_late_ = hn::Ne(hn::Load(d, late), hn::Zero(d));
  }

  HWY_INLINE void set_row(float ray_y) {
    const auto y = hn::Set(Floats(), ray_y);
    for (int k = 0; k < 3; ++k) scale_[k] = hn::IfThenElse(is_y_[k], y, signs_[k]);
  }

  HWY_INLINE void write(FloatVec x, FloatVec z, float* to) const {
    const Floats d;
    const FloatVec lower = hn::ConcatLowerLower(d, z, x);
    const FloatVec upper = hn::ConcatUpperUpper(d, z, x);
    const FloatVec first = hn::TableLookupLanes(lower, first_);
    const FloatVec middle = hn::TableLookupLanes(hn::IfThenElse(is_late_, lower, upper), middle_);
    const FloatVec last = hn::TableLookupLanes(upper, last_);
    hn::StoreU(hn::Mul(first, scale_[0]), d, to);
    hn::StoreU(hn::Mul(middle, scale_[1]), d, to + lanes);
    hn::StoreU(hn::Mul(last, scale_[2]), d, to + 2 * lanes);
  }

 private:
  /// Where coordinate `i` of the interleaved ones comes from: in a vector that holds x of half the
  /// points, then their z.
  static constexpr std::size_t source(std::size_t i) {
    return i / 3 % (lanes / 2) + (i % 3 == 0 ? 0 : lanes / 2);
  }

  LaneIndices first_;
  LaneIndices middle_;
  LaneIndices last_;
  Mask is_late_;  ///< in the second quarter of its half of a vector
  FloatVec signs_[3];
  Mask is_y_[3];
  FloatVec scale_[3];
};

/// Colours as 32-bit lanes, and lanes as packed bytes.
template <int kStep, int kBytes>
class ColorShuffle {
 public:
  HWY_INLINE explicit ColorShuffle(bool blue_first)
      : spread_lanes_(lane_indices([](std::size_t i) { return i / 4 * 3 + i % 4; })),
        spread_bytes_(block_shuffle({0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 8, 9, 10, 11, 11})),
        pack_bytes_(blue_first
                        ? block_shuffle({2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 12, 12, 12, 12})
                        : block_shuffle({0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 14, 14, 14, 14})),
        pack_lanes_(lane_indices(
            [](std::size_t i) { return i < lanes / 4 * 3 ? i / 3 * 4 + i % 3 : lanes - 1; })) {}

  /// The colours of as many samples as there are lanes.
  HWY_INLINE WordVec load(const std::uint8_t* from) const {
    const WordVec first = load_pixels(from);
    if constexpr (kStep == 1) return first;
    return hn::ConcatEven(Words(), load_pixels(from + lanes * kBytes), first);
  }

  HWY_INLINE void write(WordVec colors, std::uint8_t* to) const {
    const auto packed = hn::TableLookupBytes(hn::BitCast(Bytes(), colors), pack_bytes_);
    hn::StoreU(
        hn::BitCast(Bytes(), hn::TableLookupLanes(hn::BitCast(Floats(), packed), pack_lanes_)),
        Bytes(), to);
  }

 private:
  HWY_INLINE WordVec load_pixels(const std::uint8_t* from) const {
    const auto bytes = hn::LoadU(Bytes(), from);
    if constexpr (kBytes == 4) return hn::BitCast(Words(), bytes);
    const auto chunks = hn::TableLookupLanes(hn::BitCast(Floats(), bytes), spread_lanes_);
    return hn::BitCast(Words(), hn::TableLookupBytes(hn::BitCast(Bytes(), chunks), spread_bytes_));
  }

  LaneIndices spread_lanes_;
  hn::Vec<Bytes> spread_bytes_;
  hn::Vec<Bytes> pack_bytes_;
  LaneIndices pack_lanes_;
};

template <int kStep>
HWY_INLINE FloatVec load_samples(const float* from) {
  const Floats d;
  if constexpr (kStep == 1) return hn::LoadU(d, from);
  return hn::ConcatEven(d, hn::LoadU(d, from + lanes), hn::LoadU(d, from));
}

template <int kStep, int kColorBytes>
std::size_t unproject(const SampledRows& in, const KeepRange& keep, const PointSink& out) {
  const Floats d;
  const auto min_depth = hn::Set(d, keep.min_depth);
  const auto max_depth = hn::Set(d, keep.max_depth);
  const auto min_confidence = hn::Set(d, keep.min_confidence);
  const ColorShuffle<kStep, kColorBytes> color_shuffle(in.blue_first);
  PositionWriter position_writer(in.sign_z);
  float* positions = out.positions;
  std::uint8_t* colors = out.colors;
  const float* const ray_x = in.ray_x;
  const auto columns = static_cast<std::size_t>(in.columns);

  for (int row = 0; row < in.rows; ++row) {
    const float* const depth = in.depth + row * in.pitch;
    const float* const confidence = in.confidence ? in.confidence + row * in.pitch : nullptr;
    const std::uint8_t* const row_colors = in.colors + row * in.color_pitch;
    position_writer.set_row(in.ray_y[row]);

    const auto block = [&](std::size_t first, auto restrict_to) HWY_ATTR {
      const FloatVec z = load_samples<kStep>(depth + first * kStep);
      Mask kept = restrict_to(hn::And(hn::Ge(z, min_depth), hn::Le(z, max_depth)));
      if (confidence != nullptr) {
        kept =
            hn::And(kept, hn::Ge(load_samples<kStep>(confidence + first * kStep), min_confidence));
      }
      const FloatVec x = hn::Mul(z, hn::LoadU(d, ray_x + first));
      // Compressed in a register, then stored whole: the memory form of the AVX-512 instruction is
      // microcode on Zen 4, 15 times as slow. The next block overwrites the surplus.
      position_writer.write(hn::Compress(x, kept), hn::Compress(z, kept), positions);
      const WordVec pixels = color_shuffle.load(row_colors + first * kStep * kColorBytes);
      color_shuffle.write(hn::Compress(pixels, hn::RebindMask(Words(), kept)), colors);
      const std::size_t count = hn::CountTrue(d, kept);
      positions += 3 * count;
      colors += 3 * count;
    };
    std::size_t first = 0;
    for (; first + lanes <= columns; first += lanes) {
      block(first, [](Mask mask) HWY_ATTR { return mask; });
    }
    if (first < columns) {
      block(first,
            [&](Mask mask) HWY_ATTR { return hn::And(mask, hn::FirstN(d, columns - first)); });
    }
  }
  return static_cast<std::size_t>(positions - out.positions) / 3;
}

std::size_t unproject_any(const SampledRows& in, const KeepRange& keep, const PointSink& out) {
  if (in.color_bytes == 3) {
    return in.step == 1 ? unproject<1, 3>(in, keep, out) : unproject<2, 3>(in, keep, out);
  }
  return in.step == 1 ? unproject<1, 4>(in, keep, out) : unproject<2, 4>(in, keep, out);
}

#endif

}  // namespace HWY_NAMESPACE
}  // namespace depthcloud
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace depthcloud {

HWY_EXPORT(unproject_any);

std::size_t unproject_rows(const SampledRows& in, const KeepRange& keep, const PointSink& out) {
  return HWY_DYNAMIC_DISPATCH(unproject_any)(in, keep, out);
}

std::int64_t unproject_rows_targets() { return HWY_TARGETS; }

}  // namespace depthcloud
#endif
