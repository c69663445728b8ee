// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace depthcloud {

/// Parses the text of a config.json, or of what stands for it in another file, which `where` names
/// in errors. Errors (stage load): bad_model (not JSON), limit_exceeded (text or nesting).
nlohmann::json parse_config_json(std::string_view text, const char* where = "config.json");

/// One object of a config.json, read key by key. A key that is not there or null is not stated.
/// Borrows the JSON. Errors (stage load): bad_model (a value of another type or out of its range).
class JsonObject {
 public:
  explicit JsonObject(const nlohmann::json& value, std::string path = "",
                      const char* where = "config.json");

  bool has(const char* key) const { return member(key) != nullptr; }

  std::optional<JsonObject> object(const char* key) const;
  std::optional<std::string> text(const char* key) const;
  std::optional<bool> boolean(const char* key) const;
  std::optional<int> integer(const char* key, int least, int most) const;
  /// Above 0.
  std::optional<double> positive(const char* key, double most) const;
  std::optional<std::array<int, 4>> four_integers(const char* key, int least, int most) const;
  /// Four stages of a backbone, "stage1" being its first block.
  std::optional<std::array<int, 4>> four_stages(const char* key, int most) const;

  /// A list of `count` integers, in which null stands for -1.
  std::optional<std::vector<int>> integers(const char* key, std::size_t count, int least,
                                           int most) const;
  /// A list of up to `most_items` integers, or one integer alone.
  std::optional<std::vector<int>> integer_or_list(const char* key, std::size_t most_items,
                                                  int least, int most) const;
  /// A list of up to `most_items` texts.
  std::optional<std::vector<std::string>> texts(const char* key, std::size_t most_items) const;

  bool is_list(const char* key) const;

  /// The key behind those of the objects around it.
  std::string place(const char* key) const { return path_.empty() ? key : path_ + "." + key; }
  /// What holds it, for messages.
  const char* where() const { return where_; }

 private:
  const nlohmann::json* member(const char* key) const;
  int to_integer(const char* key, const nlohmann::json& value, int least, int most) const;
  [[noreturn]] void wrong_type(const char* key, const nlohmann::json& value,
                               const std::string& wanted) const;
  [[noreturn]] void fail(const std::string& message) const;

  const nlohmann::json* value_;
  std::string path_;
  const char* where_;
};

}  // namespace depthcloud
