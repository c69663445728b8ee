// SPDX-License-Identifier: Apache-2.0
#include <depthcloud/files.hpp>

#include <fstream>
#include <iterator>

#include <doctest/doctest.h>

#include "expect_error.hpp"
#include "temp_dir.hpp"

using depthcloud::read_file;
using depthcloud::write_file;
using Bytes = std::vector<std::uint8_t>;

namespace {

std::size_t entries(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

}  // namespace

TEST_SUITE("core") {
  TEST_CASE("what is written is read, and replaces what was there") {
    const TempDir dir;
    write_file(dir / "a", Bytes{1, 2, 3});
    write_file(dir / "a", Bytes{4, 5});
    CHECK(read_file(dir / "a") == Bytes{4, 5});
    CHECK(entries(dir.path()) == 1);
  }

  TEST_CASE("parts are written one after the other") {
    const TempDir dir;
    const Bytes head{1}, tail{2, 3};
    const std::span<const std::uint8_t> parts[] = {head, tail};
    write_file(dir / "a", parts);
    CHECK(read_file(dir / "a") == Bytes{1, 2, 3});
  }

  TEST_CASE("a file above the limit is refused, one at the limit is not") {
    const TempDir dir;
    write_file(dir / "a", Bytes(100));
    CHECK(read_file(dir / "a", 100).size() == 100);
    CHECK(error_of([&] { read_file(dir / "a", 99); }).starts_with("limit_exceeded file"));
  }

  TEST_CASE("missing files, folders and unwritable places are told apart") {
    const TempDir dir;
    CHECK(error_of([&] { read_file(dir / "none"); }).starts_with("not_found file"));
    CHECK(error_of([&] { read_file(dir.path()); }).starts_with("io file"));
    CHECK(error_of([&] {
            write_file(dir / "no/such/folder", Bytes{1});
          }).starts_with("not_found file"));
    CHECK(error_of([&] { write_file(dir.path(), Bytes{1}); }).starts_with("io file"));
    CHECK(entries(dir.path()) == 0);
  }

  TEST_CASE("a failed write leaves the old file and no other") {
    const TempDir dir;
    CHECK(error_of([&] { write_file("/dev/full", Bytes(1 << 20)); }).starts_with("io file"));
    std::filesystem::create_directory(dir / "target");
    write_file(dir / "target/keep", Bytes{1});
    CHECK(error_of([&] { write_file(dir / "target", Bytes{1}); }).starts_with("io file"));
    CHECK(entries(dir.path()) == 1);
    CHECK(read_file(dir / "target/keep") == Bytes{1});
  }
}
