// SPDX-License-Identifier: Apache-2.0
#include <initializer_list>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "fetch/curl/response.hpp"

using depthcloud::Response;

namespace {

const std::string sha256(64, 'a');
const std::string other(64, 'b');
const std::string git_hash(40, 'c');

Response read(std::initializer_list<std::string_view> lines) {
  Response response("https://hub.example/model/resolve/main/model.safetensors");
  for (const std::string_view line : lines) response.read_header(line);
  return response;
}

}  // namespace

TEST_SUITE("fetch_response") {
  TEST_CASE("the hub tells size and hash, the store sends the content") {
    const Response response =
        read({"HTTP/2 302 \r\n", "X-Linked-Size: 3000\r\n", "x-linked-etag: \"" + sha256 + "\"\r\n",
              "etag: \"opaque\"\r\n", "location: https://store.example/blob\r\n", "\r\n",
              "HTTP/1.1 206 Partial Content\r\n", "ETag: \"" + other + "\"\r\n",
              "X-Linked-ETag: \"" + other + "\"\r\n", "X-Linked-Size: 1\r\n",
              "Content-Length: 2000\r\n", "Content-Range: bytes 1000-2999/3000\r\n", "\r\n"});
    CHECK(response.status() == 206);
    CHECK(response.size() == 3000);
    CHECK(response.hub_hash() == sha256);
    CHECK(response.etag() == '"' + other + '"');
    CHECK(response.range()->first == 1000);
    CHECK(response.range()->total == 3000);
  }

  TEST_CASE("a small file has Git's hash, also behind a redirect on the hub itself") {
    for (const char* location : {"/api/cache/config.json", "https://HUB.example/config.json"}) {
      const Response response = read(
          {"HTTP/1.1 307 Temporary Redirect\r\n", std::string("Location: ") + location,
           "HTTP/1.1 200 OK\r\n", "Content-Length: 12\r\n", "ETag: W/\"" + git_hash + "\"\r\n"});
      CHECK(response.hub_hash() == git_hash);
      CHECK(response.size() == 12);
      CHECK(response.etag().empty());  // a weak one
    }
    for (const char* location : {"https://hub.example.evil/x", "https://hub.example:444/x"}) {
      CHECK(read({"HTTP/1.1 302 Found", std::string("Location: ") + location, "HTTP/1.1 200 OK",
                  "ETag: \"" + git_hash + "\""})
                .hub_hash()
                .empty());
    }
  }

  TEST_CASE("what makes no sense is nothing") {
    const Response response =
        read({"HTTP/1.1", "HTTP/1.1 x", "Content-Length: -5",
              "Content-Length: 99999999999999999999", "Content-Range: pages 1-2/3", "ETag: \"",
              "ETag: W/", "X-Linked-ETag:", "nonsense", ":", "", "X-Linked-Size: 0x10"});
    CHECK(response.status() == 0);
    CHECK_FALSE(response.size());
    CHECK(response.hub_hash().empty());
    CHECK_FALSE(response.range()->first);
    CHECK_FALSE(response.range()->total);
    const Response whole = read({"HTTP/1.1 416 x", "Content-Range: bytes */77"});
    CHECK_FALSE(whole.range()->first);
    CHECK(whole.range()->total == 77);
  }
}
