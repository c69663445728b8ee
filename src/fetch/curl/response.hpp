// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace depthcloud {

/// Content-Range: "bytes FIRST-LAST/TOTAL", or "bytes */TOTAL" of a range that there is not.
struct ContentRange {
  std::optional<std::uint64_t> first;
  std::optional<std::uint64_t> total;
};

/// The headers of a request's responses, over all its redirects.
class Response {
 public:
  /// Of a server at `url`, which is believed what it says of the content. A server to which it
  /// redirects is not.
  explicit Response(std::string url);

  /// Takes one line of the headers, its end included.
  void read_header(std::string_view line);

  int status() const { return status_; }                     ///< of the last response
  const std::string& location() const { return location_; }  ///< of the last redirect
  /// Of the last response, in quotes; empty: none, or a weak one, which names no exact bytes.
  const std::string& etag() const { return etag_; }
  const std::optional<ContentRange>& range() const { return range_; }

  /// The size of the whole file, as the first server says or else the last one.
  std::optional<std::uint64_t> size() const;
  /// The first server's hash of the content: a SHA-256 (64 digits), Git's (40) or nothing.
  const std::string& hub_hash() const { return hub_hash_; }

 private:
  void begin(std::string_view status_line);

  std::string url_;
  bool at_hub_ = true;
  int status_ = 0;
  std::string location_;
  std::string etag_;
  std::optional<std::uint64_t> content_length_;
  std::optional<ContentRange> range_;
  std::optional<std::uint64_t> linked_size_;
  std::string hub_hash_;
  bool hash_is_linked_ = false;
};

}  // namespace depthcloud
