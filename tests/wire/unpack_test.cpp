// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <depthcloud/wire.hpp>

#include "expect_error.hpp"

using depthcloud::Packet;
using depthcloud::Stage;
using depthcloud::UnpackLimits;

namespace {

Packet unpack(const std::string& text, const UnpackLimits& limits = {}) {
  return depthcloud::unpack({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()},
                            limits);
}

std::string unpack_error(const std::string& text, const UnpackLimits& limits = {}) {
  return error_of([&] { unpack(text, limits); });
}

/// The msgpack of short values, written out by hand.
std::string str(const std::string& text) { return static_cast<char>(0xa0 + text.size()) + text; }
std::string bin(std::size_t size) {
  return std::string("\xc4") + static_cast<char>(size) + std::string(size, '\x01');
}
std::string map(const std::vector<std::string>& keys_and_values) {
  std::string text(1, static_cast<char>(0x80 + keys_and_values.size() / 2));
  for (const auto& part : keys_and_values) text += part;
  return text;
}
const std::string nan64 = std::string("\xcb\x7f\xf8\0\0\0\0\0\0", 9);
const std::string one_and_half = std::string("\xcb\x3f\xf8\0\0\0\0\0\0", 9);

/// A message of one point whose key is replaced by another value, or left out when it is empty,
/// or added.
std::string message_with(const std::string& key = {}, const std::string& value = {}) {
  std::vector<std::pair<std::string, std::string>> fields = {{"type", str("pointcloud")},
                                                             {"timestamp", str("now")},
                                                             {"num_points", "\x01"},
                                                             {"points", bin(12)},
                                                             {"colors", bin(3)}};
  bool known = false;
  std::vector<std::string> parts;
  for (auto& [name, old] : fields) {
    if (name == key) {
      known = true;
      old = value;
    }
    if (old.empty()) continue;
    parts.push_back(str(name));
    parts.push_back(old);
  }
  if (!known && !key.empty()) {
    parts.push_back(str(key));
    parts.push_back(value);
  }
  return map(parts);
}

}  // namespace

TEST_SUITE("wire") {
  TEST_CASE("unpack is the inverse of pack") {
    const std::vector<float> positions = {1, 2, 3, 4, 5, 6};
    const std::vector<std::uint8_t> colors = {10, 20, 30, 40, 50, 255};
    depthcloud::WireOptions options;
    options.timestamp = {};
    options.frame_id = std::numeric_limits<std::uint64_t>::max();
    options.capture_ts = 1769860800.125;
    options.stage_ms.emplace();
    (*options.stage_ms)[Stage::decode] = 2;
    (*options.stage_ms)[Stage::infer] = 30.25;
    const Packet packet =
        depthcloud::unpack(depthcloud::pack({positions, colors, depthcloud::Axes::v1, 2}, options));

    CHECK(std::vector<float>(packet.cloud.positions.begin(), packet.cloud.positions.end()) ==
          positions);
    CHECK(std::vector<std::uint8_t>(packet.cloud.colors.begin(), packet.cloud.colors.end()) ==
          colors);
    CHECK(packet.cloud.axes == depthcloud::Axes::v1);
    CHECK(packet.cloud.num_views == 2);
    CHECK(packet.timestamp == "1970-01-01T00:00:00.000000+00:00");
    CHECK(packet.frame_id == options.frame_id);
    CHECK(packet.capture_ts == options.capture_ts);
    CHECK(packet.stage_ms == options.stage_ms);
    CHECK_FALSE(packet.is_metric);
    CHECK_FALSE(packet.camera);
  }

  TEST_CASE("unpack: the camera and the unit of a cloud") {
    const std::vector<float> positions = {1, 2, 3};
    const std::vector<std::uint8_t> colors = {10, 20, 30};
    const depthcloud::PacketCamera camera{640, 480, {500, 510, 320, 240.5}};
    for (const auto encoding : {depthcloud::Encoding::f32, depthcloud::Encoding::q16}) {
      for (const bool is_metric : {false, true}) {
        const Packet packet = depthcloud::unpack(depthcloud::pack(
            {positions, colors},
            {.is_metric = is_metric, .camera = camera, .format = {.encoding = encoding}}));
        CHECK(packet.is_metric == is_metric);
        CHECK(packet.camera == camera);
      }
    }
    CHECK_FALSE(unpack(message_with("width", "\x05")).camera);  // a part is not a camera
    CHECK(unpack_error(message_with("is_metric", "\x01")).starts_with("corrupt_data"));
    const auto refused = [&](const depthcloud::PacketCamera& wrong) {
      return error_of([&] {
               depthcloud::pack({positions, colors}, {.camera = wrong});
             })
          .starts_with("invalid_argument pack");
    };
    CHECK(refused({0, 480, camera.intrinsics}));
    CHECK(refused({640, 480, {0, 510, 320, 240}}));
  }

  TEST_CASE("unpack: what is not in the message stays unset") {
    const Packet packet = unpack(message_with());
    CHECK(packet.cloud.size() == 1);
    CHECK(packet.cloud.num_views == 0);
    CHECK_FALSE(packet.frame_id);
    CHECK_FALSE(packet.capture_ts);
    CHECK_FALSE(packet.stage_ms);
  }

  TEST_CASE("unpack: keys in any order, unknown keys of any kind ignored") {
    const std::string nested =
        map({"\x05", map({"\xc0", "\x92\x01\xc3"}), str("stage_ms"), "\x01"});
    for (const std::string& value :
         {nested, std::string("\xc0"), std::string("\xd4\x01\x02"), std::string("\xff"),
          str("decode"), bin(4), std::string("\x91") + nested}) {
      CHECK(unpack(message_with("unknown", value)).cloud.size() == 1);
      CHECK(unpack(message_with("stage_ms", map({str("unknown"), value}))).stage_ms);
    }
    const std::string reversed = map({str("colors"), bin(3), str("points"), bin(12),
                                      str("num_points"), "\x01", str("timestamp"), str("now"),
                                      str("type"), str("pointcloud"), str("encoding"), str("f32")});
    CHECK(unpack(reversed).timestamp == "now");
  }

  TEST_CASE("unpack: numbers may be integers or floats of either size") {
    const std::string half = std::string("\xca\x3f\0\0\0", 5);
    CHECK(unpack(message_with("capture_ts", half)).capture_ts == 0.5);
    CHECK(unpack(message_with("capture_ts", one_and_half)).capture_ts == 1.5);
    CHECK(unpack(message_with("capture_ts", "\x07")).capture_ts == 7.0);
    CHECK(unpack(message_with("capture_ts", "\xfe")).capture_ts == -2.0);
    const auto times =
        unpack(message_with("stage_ms", map({str("infer"), "\x07", str("pack"), one_and_half})))
            .stage_ms;
    REQUIRE(times);
    CHECK((*times)[Stage::infer] == 7.0);
    CHECK((*times)[Stage::pack] == 1.5);
    CHECK((*times)[Stage::decode] == 0.0);
  }

  TEST_CASE("unpack: bytes that are not one whole msgpack map") {
    CHECK(unpack_error("").starts_with("corrupt_data pack"));
    CHECK(contains(unpack_error("\xc1"), "not msgpack"));
    CHECK(contains(unpack_error("\x01"), "not a map"));
    CHECK(contains(unpack_error(str("text")), "not a map"));
    CHECK(contains(unpack_error("\x91\x01"), "not a map"));
    CHECK(contains(unpack_error("\xdd\xff\xff\xff\xff"), "not a map"));
    CHECK(contains(unpack_error(message_with() + "\xc0"), "1 bytes follow"));
    const std::string whole = message_with("stage_ms", map({str("infer"), one_and_half}));
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      CHECK(unpack_error(whole.substr(0, size)).starts_with("corrupt_data pack"));
    }
  }

  TEST_CASE("unpack: a header may claim anything, nothing is allocated for it") {
    for (const char* head : {"\xdd\xff\xff\xff\xff", "\xc6\xff\xff\xff\xff", "\xc9\xff\xff\xff\xff",
                             "\xdc\xff\xff", "\xc8\xff\xff"}) {
      CHECK(contains(unpack_error(message_with("unknown", head)), "truncated"));
    }
  }

  TEST_CASE("unpack: keys that stand twice") {
    CHECK(contains(unpack_error(map({str("a"), "\x01", str("a"), "\x01"})), "'a' stands twice"));
    CHECK(contains(
        unpack_error(message_with("stage_ms", map({str("infer"), "\x01", str("infer"), "\x01"}))),
        "'infer' stands twice"));
    // The same key at another depth is another key.
    CHECK(unpack(message_with("stage_ms", map({str("type"), "\x01"}))).stage_ms);
  }

  TEST_CASE("unpack: values of the wrong kind") {
    const std::pair<const char*, std::string> cases[] = {
        {"type", "\x01"},
        {"timestamp", "\xc0"},
        {"timestamp", bin(2)},
        {"num_points", "\xff"},
        {"num_points", str("1")},
        {"num_points", one_and_half},
        {"points", str("abc")},
        {"points", "\x90"},
        {"colors", "\x91\x01"},
        {"num_views", "\xff"},
        {"num_views", "\xce\x80\x00\x00\x00"},
        {"frame_id", "\xff"},
        {"frame_id", one_and_half},
        {"capture_ts", str("x")},
        {"capture_ts", nan64},
        {"stage_ms", "\x01"},
        {"stage_ms", "\x91\x01"},
        {"encoding", "\x01"},
        {"capture_ts", "\x80"},
        {"stage_ms", map({str("infer"), nan64})},
        {"stage_ms", map({str("infer"), str("x")})},
        {"stage_ms", map({str("infer"), "\x80"})},
        {"stage_ms", map({"\x01", "\x01"})},
    };
    for (const auto& [key, value] : cases) {
      CAPTURE(key);
      const std::string error = unpack_error(message_with(key, value));
      CAPTURE(error);
      CHECK(error.starts_with("corrupt_data pack"));
    }
    CHECK(contains(unpack_error(map({"\x01", "\x01"})), "a key is not a string"));
    CHECK(contains(unpack_error(map({"\x80", "\x01"})), "a key is not a string"));
  }

  TEST_CASE("unpack: keys that must be there") {
    for (const char* key : {"type", "timestamp", "num_points", "points", "colors"}) {
      CHECK(unpack_error(message_with(key, "")) ==
            std::string("corrupt_data pack: the key '") + key + "' is missing");
    }
  }

  TEST_CASE("unpack: sizes that disagree") {
    for (const std::size_t size : {0, 11, 13, 24}) {
      CHECK(unpack_error(message_with("points", bin(size))).starts_with("corrupt_data pack"));
    }
    for (const std::size_t size : {0, 2, 4, 6}) {
      CHECK(unpack_error(message_with("colors", bin(size))).starts_with("corrupt_data pack"));
    }
    CHECK(unpack_error(message_with("num_points", "\x02")).starts_with("corrupt_data pack"));
  }

  TEST_CASE("unpack: other messages and encodings are unsupported, not corrupt") {
    CHECK(unpack_error(map({str("type"), str("camera_list")})) ==
          "unsupported pack: a message of type 'camera_list'");
    CHECK(unpack_error(message_with("encoding", str("q8"))) ==
          "unsupported pack: a cloud in the encoding 'q8'");
  }

  TEST_CASE("unpack: each limit") {
    const std::string whole = message_with("deep", map({str("a"), "\x91\x01"}));
    const auto limited = [&](const std::function<void(UnpackLimits&)>& change) {
      UnpackLimits limits;
      change(limits);
      return unpack_error(whole, limits);
    };
    CHECK(limited([](auto& l) { l.max_bytes = 1'000; }) == "nothing");
    CHECK(limited([](auto& l) { l.max_bytes = 50; }).starts_with("limit_exceeded pack"));
    CHECK(limited([](auto& l) { l.max_points = 1; }) == "nothing");
    CHECK(limited([](auto& l) { l.max_points = 0; }).starts_with("limit_exceeded pack"));
    CHECK(limited([](auto& l) { l.max_keys = 6; }) == "nothing");
    CHECK(limited([](auto& l) { l.max_keys = 5; }).starts_with("limit_exceeded pack"));
    CHECK(limited([](auto& l) { l.max_depth = 3; }) == "nothing");
    CHECK(limited([](auto& l) { l.max_depth = 2; }).starts_with("limit_exceeded pack"));
    CHECK(limited([](auto& l) { l.max_string = 10; }) == "nothing");
    CHECK(limited([](auto& l) { l.max_string = 9; }).starts_with("limit_exceeded pack"));
    CHECK(unpack_error("\xdf\xff\xff\xff\xff").starts_with("limit_exceeded pack"));
    CHECK(unpack_error(map({str("a"), std::string(100'000, '\x91')}))
              .starts_with("limit_exceeded pack"));
  }
}
