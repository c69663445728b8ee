// SPDX-License-Identifier: Apache-2.0
#include "io/json_object.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <span>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/file_kind.hpp"
#include "core/quote.hpp"

namespace depthcloud {
namespace {

using nlohmann::json;

constexpr std::size_t max_text_bytes = 1 << 20;  // published ones have about 1000
constexpr int max_nesting = 16;                  // published ones have 4

[[noreturn]] void fail_with(ErrorCode code, const char* where, const std::string& message) {
  throw Error(code, Stage::load, fmt::format("{}: {}", where, message));
}

}  // namespace

json parse_config_json(std::string_view text, const char* where) {
  if (text.size() > max_text_bytes) {
    fail_with(ErrorCode::limit_exceeded, where,
              fmt::format("{} bytes, the limit is {}", text.size(), max_text_bytes));
  }
  const auto check_nesting = [&](int depth, json::parse_event_t, json&) {
    if (depth > max_nesting) {
      fail_with(ErrorCode::limit_exceeded, where,
                fmt::format("nested deeper than {} levels", max_nesting));
    }
    return true;
  };
  try {
    return json::parse(text, check_nesting);
  } catch (const json::parse_error& error) {
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    const FileKind kind = file_kind(bytes);
    if (kind != FileKind::unknown && kind != FileKind::json && kind != FileKind::text) {
      fail_with(ErrorCode::bad_model, where, "not JSON but " + describe_no_weights(bytes));
    }
    fail_with(ErrorCode::bad_model, where, fmt::format("not JSON (at its byte {})", error.byte));
  } catch (const json::exception&) {  // a number beyond the range of double
    fail_with(ErrorCode::bad_model, where, "a number in it cannot be represented");
  }
}

JsonObject::JsonObject(const json& value, std::string path, const char* where)
    : value_(&value), path_(std::move(path)), where_(where) {
  if (value.is_object()) return;
  fail(fmt::format("{} is of type {}, it must be an object", path_.empty() ? "the file" : path_,
                   value.type_name()));
}

std::optional<JsonObject> JsonObject::object(const char* key) const {
  const json* value = member(key);
  if (value == nullptr) return std::nullopt;
  return JsonObject(*value, place(key), where_);
}

std::optional<std::string> JsonObject::text(const char* key) const {
  const json* value = member(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) wrong_type(key, *value, "a string");
  return value->get<std::string>();
}

std::optional<bool> JsonObject::boolean(const char* key) const {
  const json* value = member(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_boolean()) wrong_type(key, *value, "true or false");
  return value->get<bool>();
}

std::optional<int> JsonObject::integer(const char* key, int least, int most) const {
  const json* value = member(key);
  if (value == nullptr) return std::nullopt;
  return to_integer(key, *value, least, most);
}

std::optional<double> JsonObject::positive(const char* key, double most) const {
  const json* value = member(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) wrong_type(key, *value, "a number");
  const double number = value->get<double>();
  if (!(number > 0 && number <= most)) {
    fail(fmt::format("{} is {}, it must lie above 0 and up to {}", place(key), number, most));
  }
  return number;
}

std::optional<std::array<int, 4>> JsonObject::four_integers(const char* key, int least,
                                                            int most) const {
  const json* value = member(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_array() || value->size() != 4) wrong_type(key, *value, "a list of 4 integers");
  std::array<int, 4> result{};
  for (std::size_t k = 0; k < 4; ++k) result[k] = to_integer(key, (*value)[k], least, most);
  return result;
}

std::optional<std::array<int, 4>> JsonObject::four_stages(const char* key, int most) const {
  const json* value = member(key);
  if (value == nullptr) return std::nullopt;
  constexpr const char* wanted = "a list of 4 texts such as \"stage3\"";
  if (!value->is_array() || value->size() != 4) wrong_type(key, *value, wanted);
  std::array<int, 4> result{};
  for (std::size_t k = 0; k < 4; ++k) {
    constexpr std::string_view prefix = "stage";
    const json& stage = (*value)[k];
    const std::string text = stage.is_string() ? stage.get<std::string>() : "";
    const char* end = text.data() + text.size();
    const char* digits = text.data() + std::min(prefix.size(), text.size());
    const auto [stop, failure] = std::from_chars(digits, end, result[k]);
    if (!text.starts_with(prefix) || failure != std::errc{} || stop != end || result[k] < 1 ||
        result[k] > most) {
      fail(fmt::format("{} holds {}, it must be {}", place(key), quote(stage.dump()), wanted));
    }
  }
  return result;
}

std::optional<std::vector<int>> JsonObject::integers(const char* key, std::size_t count, int least,
                                                     int most) const {
  const json* value = member(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_array() || value->size() != count) {
    wrong_type(key, *value, fmt::format("a list of {} integers", count));
  }
  std::vector<int> result;
  for (const json& item : *value) {
    result.push_back(item.is_null() ? -1 : to_integer(key, item, least, most));
  }
  return result;
}

std::optional<std::vector<int>> JsonObject::integer_or_list(const char* key, std::size_t most_items,
                                                            int least, int most) const {
  const json* value = member(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_array()) return std::vector{to_integer(key, *value, least, most)};
  if (value->empty() || value->size() > most_items) {
    wrong_type(key, *value, fmt::format("a list of 1 to {} integers", most_items));
  }
  std::vector<int> result;
  for (const json& item : *value) result.push_back(to_integer(key, item, least, most));
  return result;
}

std::optional<std::vector<std::string>> JsonObject::texts(const char* key,
                                                          std::size_t most_items) const {
  const json* value = member(key);
  if (value == nullptr) return std::nullopt;
  const bool is_list_of_texts =
      value->is_array() && value->size() <= most_items &&
      std::all_of(value->begin(), value->end(), [](const json& item) { return item.is_string(); });
  if (!is_list_of_texts) {
    wrong_type(key, *value, fmt::format("a list of up to {} texts", most_items));
  }
  return value->get<std::vector<std::string>>();
}

bool JsonObject::is_list(const char* key) const {
  const json* value = member(key);
  return value != nullptr && value->is_array();
}

const json* JsonObject::member(const char* key) const {
  const auto found = value_->find(key);
  return found == value_->end() || found->is_null() ? nullptr : &*found;
}

int JsonObject::to_integer(const char* key, const json& value, int least, int most) const {
  if (!value.is_number_integer()) wrong_type(key, value, "an integer");
  // Numbers above the signed range are of their own kind.
  const bool huge =
      value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(most);
  const auto number = huge ? std::int64_t{most} + 1 : value.get<std::int64_t>();
  if (number < least || number > most) {
    fail(fmt::format("{} is {}, it must lie between {} and {}", place(key), value.dump(), least,
                     most));
  }
  return static_cast<int>(number);
}

void JsonObject::wrong_type(const char* key, const json& value, const std::string& wanted) const {
  fail(fmt::format("{} is of type {}, it must be {}", place(key), value.type_name(), wanted));
}

void JsonObject::fail(const std::string& message) const {
  fail_with(ErrorCode::bad_model, where_, message);
}

}  // namespace depthcloud
