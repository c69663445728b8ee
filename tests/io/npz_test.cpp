// SPDX-License-Identifier: Apache-2.0
// Archives of NumPy are the business of stock_depth_files.py.
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <zlib.h>

#include <depthcloud/depth_file.hpp>

#include "expect_error.hpp"

namespace {

using Bytes = std::vector<std::uint8_t>;

const std::vector<float> six = {1, 2, 3, 4, 5, 6};

struct Member {
  std::string name;
  Bytes bytes;
  bool deflated = false;
  std::uint32_t claimed_size = 0;  ///< 0: the real one
};

void put(Bytes& out, std::uint64_t value, int size) {
  for (int i = 0; i < size; ++i, value >>= 8) out.push_back(static_cast<std::uint8_t>(value));
}

void put(Bytes& out, const std::string& text) { out.insert(out.end(), text.begin(), text.end()); }

Bytes deflate_raw(const Bytes& bytes) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  Bytes out(deflateBound(&stream, bytes.size()));
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Bytes zip(const std::vector<Member>& members, const std::string& comment = "") {
  Bytes out;
  Bytes directory;
  for (const Member& member : members) {
    const Bytes packed = member.deflated ? deflate_raw(member.bytes) : member.bytes;
    const std::uint32_t at = static_cast<std::uint32_t>(out.size());
    Bytes common;  // version to the length of the extra field
    put(common, 20, 2);
    put(common, 0, 2);
    put(common, member.deflated ? 8 : 0, 2);
    put(common, 0, 4);
    put(common, crc32_z(0, member.bytes.data(), member.bytes.size()), 4);
    put(common, packed.size(), 4);
    put(common, member.claimed_size != 0 ? member.claimed_size : member.bytes.size(), 4);
    put(common, member.name.size(), 2);
    put(common, 0, 2);
    put(out, "PK\x03\x04");
    out.insert(out.end(), common.begin(), common.end());
    put(out, member.name);
    out.insert(out.end(), packed.begin(), packed.end());
    put(directory, "PK\x01\x02");
    put(directory, 20, 2);
    directory.insert(directory.end(), common.begin(), common.end());
    put(directory, 0, 10);
    put(directory, at, 4);
    put(directory, member.name);
  }
  const std::size_t directory_at = out.size();
  out.insert(out.end(), directory.begin(), directory.end());
  put(out, "PK\x05\x06");
  put(out, 0, 4);
  put(out, members.size(), 2);
  put(out, members.size(), 2);
  put(out, directory.size(), 4);
  put(out, directory_at, 4);
  put(out, comment.size(), 2);
  put(out, comment);
  return out;
}

Bytes array(float factor = 1) {
  std::vector<float> values = six;
  for (float& value : values) value *= factor;
  return depthcloud::encode_npy(values, 3, 2);
}

std::string read_error(const Bytes& bytes, const depthcloud::DepthFileOptions& options = {}) {
  return error_of([&] { depthcloud::read_depth(bytes, options); });
}

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("npz: the only array, stored or deflated") {
    for (const bool deflated : {false, true}) {
      for (const char* comment : {"", "made by"}) {
        const auto plane = depthcloud::read_depth(zip({{"arr_0.npy", array(), deflated}}, comment));
        CHECK(plane.width == 3);
        CHECK(plane.values == six);
      }
    }
  }

  TEST_CASE("npz: one of several arrays") {
    const Member conf{"conf.npy", array(7)};
    const Member depth{"depth.npy", array(), true};
    CHECK(depthcloud::read_depth(zip({conf, depth})).values == six);
    CHECK(depthcloud::read_depth(zip({conf, depth}), {.array = "conf"}).values[0] == 7);
    CHECK(contains(read_error(zip({conf, {"z.npy", array()}})),
                   "invalid_argument file: npz: say which of its arrays is depth (on the command "
                   "line --depth-array): 'conf', 'z'"));
    CHECK(contains(read_error(zip({conf, depth}), {.array = "none"}),
                   "no array is called 'none', only 'conf', 'depth'"));
    CHECK(contains(read_error(zip({conf}), {.array = "none"}), "no array is called 'none'"));
  }

  TEST_CASE("npz: nothing is unpacked that the limits do not allow") {
    const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (9999, 9999)}";
    Bytes bomb = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, static_cast<std::uint8_t>(header.size()), 0};
    put(bomb, header);
    bomb.resize(1 << 20);
    CHECK(read_error(zip({{"a.npy", bomb, true}})).starts_with("limit_exceeded file"));
    CHECK(read_error(zip({{"a.npy", bomb, false}})).starts_with("limit_exceeded file"));
    CHECK(read_error(zip({{"a.npy", array(), true}}), {.max_pixels = 5})
              .starts_with("limit_exceeded file"));
    // an array that is followed by more than it says
    Bytes longer = array();
    longer.resize(1 << 20);
    CHECK(read_error(zip({{"a.npy", longer, true}})).starts_with("corrupt_data file"));
    const auto real_size = static_cast<std::uint32_t>(array().size());
    CHECK(read_error(zip({{"a.npy", longer, true, real_size}})).starts_with("corrupt_data file"));
    CHECK(
        read_error(zip({{"a.npy", array(), true, 0xFFFF'FFFF}})).starts_with("corrupt_data file"));
  }

  TEST_CASE("npz: damaged archives") {
    for (const bool deflated : {false, true}) {
      const Bytes whole = zip({{"depth.npy", array(), deflated}});
      for (std::size_t size = 4; size < whole.size(); ++size) {
        CAPTURE(size);
        CHECK(read_error({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)})
                  .starts_with("corrupt_data file"));
      }
      for (std::size_t at = 0; at < whole.size(); ++at) {
        CAPTURE(at);
        Bytes damaged = whole;
        damaged[at] ^= 0xFF;
        CHECK_FALSE(contains(read_error(damaged), "foreign exception"));
      }
      Bytes damaged = whole;
      damaged[39 + (deflated ? 60u : 131u)] ^= 1;  // a value
      CHECK(read_error(damaged) != "nothing");
    }
    CHECK(read_error(zip({})).starts_with("corrupt_data file"));
    CHECK(read_error(zip({{"a.txt", {'x'}}})).starts_with("corrupt_data file"));
  }
}
