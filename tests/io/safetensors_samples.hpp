// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <sstream>
#include <string>
#include <vector>

/// Safetensors files for tests.
namespace safetensors_samples {

/// A file of this header, padded with spaces to 8 bytes as writers do, and zeroed data.
inline std::vector<std::uint8_t> make_file(std::string header, std::size_t data_size) {
  while (header.size() % 8 != 0) header += ' ';
  const std::uint64_t length = header.size();
  std::vector<std::uint8_t> bytes(8 + header.size() + data_size);
  std::memcpy(bytes.data(), &length, 8);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  return bytes;
}

inline std::string entry(const std::string& name, const std::string& type, const std::string& shape,
                         std::uint64_t begin, std::uint64_t end) {
  std::ostringstream text;
  text << '"' << name << R"(":{"dtype":")" << type << R"(","shape":)" << shape
       << R"(,"data_offsets":[)" << begin << ',' << end << "]}";
  return text.str();
}

/// A header of these entries.
inline std::string header_of(std::initializer_list<std::string> entries) {
  std::string text;
  for (const std::string& entry : entries) {
    text += text.empty() ? '{' : ',';
    text += entry;
  }
  return text + '}';
}

}  // namespace safetensors_samples
