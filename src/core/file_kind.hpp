// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace depthcloud {

/// What files are that people hand over as something else, told by their first bytes.
enum class FileKind {
  unknown,
  // photos and pictures
  jpeg,
  png,
  webp,
  heic,
  avif,
  tiff,
  bmp,
  gif,
  jpeg_xl,
  jpeg_2000,
  raw,
  psd,
  svg,
  icon,
  netpbm,
  exr,
  radiance,
  // depth, weights, clouds
  pfm,
  numpy,
  npz,
  pickle,
  torch_archive,
  safetensors,
  safetensors_index,
  onnx,
  gguf,
  hdf5,
  ply,
  pcd,
  recording,
  gltf,
  // video and sound
  mp4,
  matroska,
  avi,
  sound,
  // archives
  zip,
  gzip,
  archive,
  // documents
  git_lfs_pointer,
  html,
  xml,
  json,
  pdf,
  program,
  text,
  empty,
};

/// The kind of a file that begins so; some 300 bytes are enough. Text is what no other kind is and
/// has no unprintable byte. Thread-safety of this header: share freely.
FileKind file_kind(std::span<const std::uint8_t> start) noexcept;

/// What it is, for a message: "a HEIC photo", "a web page (HTML)", "a file of no known kind".
const char* to_string(FileKind kind) noexcept;

/// What to do about a file of this kind where `wanted` was, for instance "JPEG or PNG": "convert it
/// to JPEG or PNG", "unpack it". Empty where nothing can be said.
std::string advice(FileKind kind, const std::string& wanted);

/// Both, for a file that cannot be read: "a HEIC photo: convert it to JPEG or PNG"; for one of no
/// known kind its first bytes.
std::string describe_file(std::span<const std::uint8_t> start, const std::string& wanted);

/// The same for a file where the weights of a network or their config were expected, of which no
/// photo can be made: "a Python pickle: take the publisher's .safetensors, ...".
std::string describe_no_weights(std::span<const std::uint8_t> start);

}  // namespace depthcloud
