// SPDX-License-Identifier: Apache-2.0
// For sources that Highway compiles once for each target: each pass includes this again.
#if defined(DEPTHCLOUD_IMAGE_TO_BYTES_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef DEPTHCLOUD_IMAGE_TO_BYTES_INL
#undef DEPTHCLOUD_IMAGE_TO_BYTES_INL
#else
#define DEPTHCLOUD_IMAGE_TO_BYTES_INL
#endif

#include <cstdint>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace depthcloud::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Half to even, and into 0 to 255; NaN becomes 0. Not by NearestInt, which depends on the target
/// for NaN, and in the scalar one rounds the value before 0.5 up.
template <class D>
HWY_INLINE auto to_bytes(D d, hn::Vec<D> values) {
  const hn::RebindToSigned<D> di;
  const hn::Rebind<std::uint8_t, D> du8;
  const auto positive = hn::IfThenElseZero(hn::Gt(values, hn::Zero(d)), values);
  const auto byte = hn::Min(positive, hn::Set(d, 255.0f));
  const auto rounded = hn::Add(byte, hn::Set(d, 0x1p23f));  // whole: the byte is in its low bits
  return hn::DemoteTo(du8, hn::And(hn::BitCast(di, rounded), hn::Set(di, 255)));
}

}  // namespace depthcloud::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
