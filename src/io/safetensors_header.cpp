// SPDX-License-Identifier: Apache-2.0
#include "io/safetensors_header.hpp"

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"

namespace depthcloud {
namespace {

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorCode::bad_model, Stage::load, "safetensors: " + message);
}

TensorType parse_type(const std::string& tensor, std::string_view text) {
  if (const auto type = find_tensor_type(text)) return *type;
  throw Error(ErrorCode::unsupported, Stage::load,
              fmt::format("safetensors: tensor {} has elements of the unknown type {}",
                          quote(tensor), quote(text)));
}

/// Builds the header from the events of nlohmann's parser. A document tree would keep only the last
/// of two equal keys, and a hostile header could make it grow by nesting.
class HeaderReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  SafetensorsHeader take() { return std::move(header_); }

  bool start_object(std::size_t) override {
    switch (place_) {
      case Place::outside:
        return enter(Place::file);
      case Place::file:
        if (name_ == metadata_key) return enter(Place::metadata);
        fields_ = {};
        return enter(Place::tensor);
      default:
        unexpected("an object");
    }
  }

  bool end_object() override {
    if (place_ == Place::tensor) finish_tensor();
    return enter(place_ == Place::file ? Place::outside : Place::file);
  }

  bool start_array(std::size_t) override {
    if (place_ == Place::tensor && field_ == "shape") {
      fields_.shape.emplace();
      return enter(Place::shape);
    }
    if (place_ == Place::tensor && field_ == "data_offsets") {
      fields_.offsets.emplace();
      return enter(Place::offsets);
    }
    unexpected("an array");
  }

  bool end_array() override { return enter(Place::tensor); }

  bool key(string_t& text) override {
    switch (place_) {
      case Place::file:
        refuse_duplicate(text == metadata_key ? has_metadata_ : header_.tensors.contains(text),
                         text);
        if (text == metadata_key) has_metadata_ = true;
        name_ = text;
        return true;
      case Place::metadata:
        refuse_duplicate(header_.metadata.contains(text), text);
        break;
      default:
        refuse_duplicate((text == "dtype" && fields_.type) || (text == "shape" && fields_.shape) ||
                             (text == "data_offsets" && fields_.offsets),
                         text);
    }
    field_ = text;
    return true;
  }

  bool string(string_t& text) override {
    if (place_ == Place::metadata) {
      header_.metadata.emplace(field_, text);
    } else if (place_ == Place::tensor && field_ == "dtype") {
      fields_.type = parse_type(name_, text);
    } else {
      unexpected("a string");
    }
    return true;
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (place_ == Place::shape) {
      if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        fail(fmt::format("tensor {} has a side of {} elements", quote(name_), value));
      }
      fields_.shape->push_back(static_cast<std::int64_t>(value));
    } else if (place_ == Place::offsets) {
      fields_.offsets->push_back(value);
    } else {
      unexpected("a number");
    }
    return true;
  }

  bool null() override { unexpected("null"); }
  bool boolean(bool) override { unexpected("a boolean"); }
  bool number_integer(number_integer_t) override { unexpected("a negative number"); }
  bool number_float(number_float_t, const string_t&) override { unexpected("a fraction"); }
  bool binary(binary_t&) override { unexpected("binary data"); }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    fail(fmt::format("the header is not JSON (at its byte {})", position));
  }

 private:
  enum class Place { outside, file, metadata, tensor, shape, offsets };

  struct Fields {
    std::optional<TensorType> type;
    std::optional<std::vector<std::int64_t>> shape;
    std::optional<std::vector<std::uint64_t>> offsets;
  };

  static constexpr std::string_view metadata_key = "__metadata__";

  bool enter(Place place) {
    place_ = place;
    return true;
  }

  [[noreturn]] void unexpected(std::string_view what) const {
    switch (place_) {
      case Place::outside:
        fail(fmt::format("the header is {}, not an object", what));
      case Place::file:
        fail(fmt::format("the header has {} for {}, not an object", what, quote(name_)));
      case Place::metadata:
        fail(fmt::format("the metadata has {} for {}, not a string", what, quote(field_)));
      default:
        fail(fmt::format("tensor {} has {} in its field {}", quote(name_), what, quote(field_)));
    }
  }

  void refuse_duplicate(bool duplicate, const std::string& key) const {
    if (duplicate) fail(fmt::format("the key {} stands twice in the header", quote(key)));
  }

  void finish_tensor() {
    if (!fields_.type || !fields_.shape || !fields_.offsets) {
      fail(fmt::format("tensor {} lacks one of dtype, shape and data_offsets", quote(name_)));
    }
    if (fields_.offsets->size() != 2) {
      fail(fmt::format("tensor {} has {} data_offsets in place of 2", quote(name_),
                       fields_.offsets->size()));
    }
    header_.tensors.emplace(std::move(name_),
                            SafetensorsEntry{*fields_.type, std::move(*fields_.shape),
                                             fields_.offsets->front(), fields_.offsets->back()});
  }

  SafetensorsHeader header_;
  bool has_metadata_ = false;
  Place place_ = Place::outside;
  std::string name_;   ///< the key of the entry that is being read
  std::string field_;  ///< the key inside that entry
  Fields fields_;
};

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view json) {
  HeaderReader reader;
  nlohmann::json::sax_parse(json.begin(), json.end(), &reader);
  return reader.take();
}

}  // namespace depthcloud
