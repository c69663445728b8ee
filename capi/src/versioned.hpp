// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "guard.hpp"

// Structs that begin with struct_size. A program that was built with another release of the same
// ABI version passes a shorter or a longer one; fields are only appended, and zero means the
// default.

namespace depthcloud::capi {

/// The size that the struct had in the first release of this ABI version: none is shorter. When a
/// field is appended to T, specialise this with the size from before.
template <typename T>
inline constexpr std::uint32_t first_size = sizeof(T);
template <>
inline constexpr std::uint32_t first_size<dcl_decode_options> = offsetof(dcl_decode_options,
                                                                         salvage);
template <>
inline constexpr std::uint32_t first_size<dcl_cloud_options> = offsetof(dcl_cloud_options,
                                                                        keep_transparent);
template <>
inline constexpr std::uint32_t first_size<dcl_cloud_view> = offsetof(dcl_cloud_view, normals);
template <>
inline constexpr std::uint32_t first_size<dcl_image_view> = offsetof(dcl_image_view, chroma);
template <>
inline constexpr std::uint32_t first_size<dcl_depth_view> = offsetof(dcl_depth_view, depth16);
template <>
inline constexpr std::uint32_t first_size<dcl_merge_options> = offsetof(dcl_merge_options,
                                                                        voxel_size);
template <>
inline constexpr std::uint32_t first_size<dcl_pipeline_options> = offsetof(dcl_pipeline_options,
                                                                           salvage);
template <>
inline constexpr std::uint32_t first_size<dcl_model_info> = offsetof(dcl_model_info,
                                                                     confidence_low);
template <>
inline constexpr std::uint32_t first_size<dcl_model_options> = offsetof(dcl_model_options,
                                                                        metric_model);
template <>
inline constexpr std::uint32_t first_size<dcl_stage_times> = offsetof(dcl_stage_times, metric);
template <>
inline constexpr std::uint32_t first_size<dcl_packet_info> = offsetof(dcl_packet_info, width);

/// Larger than any struct will be: a struct_size beyond it was never set.
inline constexpr std::uint32_t largest_size = 4096;

template <typename T>
bool has_valid_size(const T& given) noexcept {
  return given.struct_size >= first_size<T> && given.struct_size <= largest_size;
}

template <typename T>
void check_size(const T& given, const char* name) {
  if (!has_valid_size(given)) {
    fail_argument(std::string(name) + ": struct_size is " + std::to_string(given.struct_size) +
                  ", use the struct's DCL_..._INIT");
  }
}

/// The struct as this release knows it. DCL_E_UNSUPPORTED when a field beyond that is set.
template <typename T>
T read(const T& given, const char* name) {
  check_size(given, name);
  T known{};
  std::memcpy(&known, &given, std::min<std::size_t>(given.struct_size, sizeof(T)));
  const auto* bytes = reinterpret_cast<const unsigned char*>(&given);
  if (given.struct_size > sizeof(T) &&
      std::any_of(bytes + sizeof(T), bytes + given.struct_size, [](int b) { return b != 0; })) {
    throw Error(ErrorCode::unsupported, Stage::control,
                std::string(name) + " sets a field that this release does not know");
  }
  return known;
}

/// The same of a pointer; NULL: all defaults.
template <typename T>
T read_options(const T* given, const char* name) {
  return given == nullptr ? T{} : read(*given, name);
}

/// Fills in the part of `out` that its owner knows; struct_size stays. Check its size first.
template <typename T>
void write(T& out, T value) noexcept {
  value.struct_size = out.struct_size;
  std::memcpy(&out, &value, std::min<std::size_t>(out.struct_size, sizeof(T)));
}

/// The struct behind `out`, proved writable.
template <typename T>
T& writable(T* out, const char* name) {
  check_size(object(out, name), name);
  return *out;
}

}  // namespace depthcloud::capi
