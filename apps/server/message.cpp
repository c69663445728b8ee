// SPDX-License-Identifier: Apache-2.0
#include "message.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

namespace server {
namespace {

using depthcloud::Error;
using depthcloud::ErrorCode;
using depthcloud::Stage;
using nlohmann::json;

constexpr std::size_t most_keys = 32;
constexpr std::size_t most_elements = 32;

[[noreturn]] void corrupt(const char* message) {
  throw Error(ErrorCode::corrupt_data, Stage::control, message);
}

/// Builds the one kind of object that messages are; stops at anything else.
class MessageReader final : public nlohmann::json_sax<json> {
 public:
  json take() { return std::move(message_); }
  bool too_large() const { return too_large_; }

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override {
    if (message_.is_null()) {
      message_ = json::object();
      return true;
    }
    if (!value_ || in_array_ || has_inner_) return refuse();
    has_inner_ = true;
    *value_ = json::object();
    object_ = std::exchange(value_, nullptr);
    return true;
  }
  bool key(string_t& name) override {
    if (object_->size() >= most_keys) return refuse();
    value_ = &(*object_)[std::move(name)];
    return true;
  }
  bool end_object() override {
    object_ = &message_;
    return true;
  }

  bool start_array(std::size_t) override {
    if (!value_ || in_array_) return refuse();
    *value_ = json::array();
    in_array_ = true;
    return true;
  }
  bool end_array() override {
    in_array_ = false;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override {
    return false;
  }

 private:
  template <typename Value>
  bool put(Value&& value) {
    if (!value_) return refuse();
    if (!in_array_) {
      *value_ = std::forward<Value>(value);
      return true;
    }
    if (value_->size() >= most_elements) return refuse();
    value_->push_back(std::forward<Value>(value));
    return true;
  }
  bool refuse() {
    too_large_ = true;
    return false;
  }

  json message_;
  json* object_ = &message_;  // whose keys come: the message, or the object in it
  json* value_ = nullptr;     // of the last key
  bool has_inner_ = false;
  bool in_array_ = false;
  bool too_large_ = false;
};

/// The letters of base64 in its first alphabet: without line breaks and padding, and with the URL
/// alphabet's letters replaced.
std::string base64_letters(std::string_view text) {
  std::string letters;
  letters.reserve(text.size());
  std::size_t padding = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r' || c == ' ' || c == '\t') continue;
    if (c == '=') {
      ++padding;
    } else if (padding > 0) {
      corrupt("base64 that goes on after its end");
    } else if (c == '%') {
      corrupt("base64 with a %: only in a data URL may letters be percent-encoded");
    } else {
      letters += c == '-' ? '+' : c == '_' ? '/' : c;
    }
  }
  if (padding > 0 && (padding > 2 || (letters.size() + padding) % 4 != 0)) {
    corrupt("base64 whose padding does not fit its length");
  }
  return letters;
}

/// With %2B, %2F and %3D as the letters that they stand for: URLs may write any letter so.
std::string without_escapes(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    if (text.front() != '%') {
      plain += text.front();
      text.remove_prefix(1);
      continue;
    }
    unsigned char letter = 0;
    const char* const end = text.data() + std::min<std::size_t>(text.size(), 3);
    const auto [stop, failure] = std::from_chars(text.data() + 1, end, letter, 16);
    if (failure != std::errc{} || stop != text.data() + 3) {
      corrupt("a base64 data URL with a % that two hexadecimal digits do not follow");
    }
    plain += static_cast<char>(letter);
    text.remove_prefix(3);
  }
  return plain;
}

/// What is encoded of a data URL; nothing for another text.
std::optional<std::string> data_of_url(std::string_view text) {
  constexpr std::size_t longest_head = 256;
  std::string head(text.substr(0, longest_head));
  std::ranges::transform(head, head.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (!head.starts_with("data:")) return std::nullopt;
  constexpr std::string_view marker = ";base64,";
  const std::size_t at = head.find(marker);
  if (at == std::string::npos) corrupt("a data URL that is not base64");
  return without_escapes(text.substr(at + marker.size()));
}

}  // namespace

json read_message(std::string_view text) {
  MessageReader reader;
  if (json::sax_parse(text.begin(), text.end(), &reader)) return reader.take();
  if (reader.too_large()) {
    throw Error(ErrorCode::limit_exceeded, Stage::control,
                "a text message is one JSON object with at most one object in it, of at most 32 "
                "keys and 32 values in an array");
  }
  corrupt("a text message that is not JSON");
}

std::vector<std::uint8_t> decode_base64(std::string_view text) {
  const std::optional<std::string> of_url = data_of_url(text);
  const std::string letters = base64_letters(of_url ? std::string_view(*of_url) : text);
  const std::size_t padding = (4 - letters.size() % 4) % 4;
  if (letters.empty() || padding == 3) corrupt("base64 that ends too soon");
  const std::string padded = letters + std::string(padding, '=');
  std::vector<std::uint8_t> bytes(padded.size() / 4 * 3);
  const auto* encoded = reinterpret_cast<const unsigned char*>(padded.data());
  const int length = EVP_DecodeBlock(bytes.data(), encoded, static_cast<int>(padded.size()));
  if (length < 0 || static_cast<std::size_t>(length) != bytes.size()) corrupt("not base64");
  bytes.erase(bytes.end() - static_cast<std::ptrdiff_t>(padding), bytes.end());
  return bytes;
}

std::string error_message(const Error& error, std::optional<std::uint64_t> frame_id) {
  json message = {{"type", "error"},
                  {"code", to_string(error.code())},
                  {"stage", to_string(error.stage())},
                  {"message", error.what()}};
  if (frame_id) message["frame_id"] = *frame_id;
  // Bytes of untrusted text that are not UTF-8 become a replacement character.
  return message.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace server
