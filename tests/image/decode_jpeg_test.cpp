// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <depthcloud/decode.hpp>
#include <depthcloud/log.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "expect_error.hpp"
#include "image/orientation.hpp"
#include "image/samples.hpp"

using depthcloud::decode_jpeg;
using depthcloud::DecodeOptions;
using depthcloud::Image;
using depthcloud::Orientation;
using depthcloud::PixelFormat;
using samples::Bytes;

namespace {

constexpr PixelFormat formats[] = {PixelFormat::rgb, PixelFormat::bgr, PixelFormat::rgba,
                                   PixelFormat::bgra, PixelFormat::gray};
constexpr std::uint8_t start_of_frame = 0xC0;
constexpr std::uint8_t start_of_scan = 0xDA;

std::string error_for(const Bytes& bytes, const DecodeOptions& options = {}) {
  return error_of([&] { decode_jpeg(bytes, options); });
}

struct CutKind {
  samples::JpegKind kind;
  int width;
};

/// What a truncated file may be of: 4:2:0 and 4:4:4, in one scan or many, with restarts or not.
const std::vector<CutKind> kinds_to_cut = {
    {{}, 40},
    {{.subsample = false}, 43},
    {{.restart_rows = 1}, 40},
    {{.subsample = false, .restart_rows = 1}, 41},
    {{.progressive = true}, 40},
    {{.subsample = false, .progressive = true}, 43},
    {{.progressive = true, .restart_rows = 1}, 40},
    {{.stored = JCS_RGB}, 37},
};

/// Sets the size that the frame header declares.
Bytes declaring(Bytes bytes, int width, int height, std::uint8_t marker = start_of_frame) {
  const std::size_t at = samples::find_marker(bytes, marker) + 5;
  bytes[at] = static_cast<std::uint8_t>(height >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(height);
  bytes[at + 2] = static_cast<std::uint8_t>(width >> 8);
  bytes[at + 3] = static_cast<std::uint8_t>(width);
  return bytes;
}

/// What Pillow makes of inverted CMYK: each colour scaled by the black that is not there.
Image from_inverted_cmyk(const Image& cmyk) {
  Image rgb(cmyk.width(), cmyk.height());
  for (int v = 0; v < cmyk.height(); ++v) {
    for (int u = 0; u < cmyk.width(); ++u) {
      const std::uint8_t* from = cmyk.row(v) + 4 * u;
      for (int c = 0; c < 3; ++c) {
        rgb.row(v)[3 * u + c] = static_cast<std::uint8_t>((2 * from[c] * from[3] + 255) / 510);
      }
    }
  }
  return rgb;
}

/// What comes before the first scan of a JPEG, then each scan with the tables before it.
std::vector<Bytes> scans_of(const Bytes& bytes) {
  std::vector<Bytes> parts(1, Bytes{bytes[0], bytes[1]});
  std::size_t at = 2;
  bool in_tables = false;
  bool had_frame = false;
  while (at + 1 < bytes.size()) {
    const std::uint8_t marker = bytes[at + 1];
    std::size_t end = at + 2;
    if (marker != 0xD9) end += static_cast<std::size_t>(bytes[at + 2] << 8 | bytes[at + 3]);
    const bool is_scan = marker == start_of_scan;
    if (is_scan) {
      while (bytes[end] != 0xFF || bytes[end + 1] == 0 || bytes[end + 1] >> 3 == 0xD0 >> 3) ++end;
    }
    const bool begins = had_frame && marker != 0xD9 && !in_tables;
    if (begins) parts.emplace_back();
    in_tables = had_frame && !is_scan;
    if (marker >= start_of_frame && marker <= start_of_frame + 2) had_frame = true;
    parts.back().insert(parts.back().end(), bytes.begin() + static_cast<std::ptrdiff_t>(at),
                        bytes.begin() + static_cast<std::ptrdiff_t>(end));
    at = end;
  }
  return parts;
}

}  // namespace

TEST_SUITE("image") {
  TEST_CASE("a full-size decode has TurboJPEG's pixels in every format") {
    const Image image = samples::picture(83, 61);
    const std::vector<samples::JpegKind> kinds = {
        {},
        {.subsample = false},
        {.progressive = true},
        {.restart_rows = 1},
        {.arithmetic = true},
        {.progressive = true, .arithmetic = true},
        {.stored = JCS_RGB},
        {.stored = JCS_GRAYSCALE},
    };
    for (const auto& kind : kinds) {
      const bool is_gray = kind.stored == JCS_GRAYSCALE;
      const Bytes bytes =
          samples::jpeg(is_gray ? samples::picture(83, 61, PixelFormat::gray) : image, kind);
      for (const auto format : formats) {
        CAPTURE(static_cast<int>(kind.stored));
        CAPTURE(static_cast<int>(format));
        const Image decoded = decode_jpeg(bytes, {.format = format});
        CHECK(decoded.format() == format);
        CHECK(samples::largest_difference(decoded, samples::turbojpeg_decode(bytes, format)) == 0);
      }
    }
  }

  TEST_CASE("CMYK and YCCK become RGB") {
    const Image ink = samples::picture(40, 24, PixelFormat::rgba, 0);
    const Image expected = from_inverted_cmyk(ink);
    for (const auto stored : {JCS_CMYK, JCS_YCCK}) {
      CAPTURE(static_cast<int>(stored));
      const Bytes bytes =
          samples::jpeg(ink, {.stored = stored, .quality = 100, .subsample = false});
      const Image rgb = decode_jpeg(bytes);
      CHECK(samples::largest_difference(rgb, expected) <= 4);
      const Image bgra = decode_jpeg(bytes, {.format = PixelFormat::bgra});
      const Image gray = decode_jpeg(bytes, {.format = PixelFormat::gray});
      for (int u = 0; u < rgb.width(); ++u) {
        const std::uint8_t* from = rgb.row(9) + 3 * u;
        const std::uint8_t* reordered = bgra.row(9) + 4 * u;
        CHECK(Bytes(reordered, reordered + 4) == Bytes{from[2], from[1], from[0], 255});
        CHECK(gray.row(9)[u] ==
              (19595 * from[0] + 38470 * from[1] + 7471 * from[2] + 32768) / 65536);
      }
    }
  }

  TEST_CASE("every EXIF orientation is turned upright, exactly") {
    const Image image = samples::picture(75, 53);
    const Image stored = decode_jpeg(samples::jpeg(image));
    for (int value = 1; value <= 8; ++value) {
      CAPTURE(value);
      const auto orientation = static_cast<Orientation>(value);
      const bool swapped = swaps_axes(orientation);
      const Bytes bytes = samples::jpeg(image, {.exif = samples::exif({.orientation = value})});
      Image expected(swapped ? 53 : 75, swapped ? 75 : 53);
      put_upright({stored.data(), stored.stride(), 75, 0, 53}, orientation, expected);
      const Image upright = decode_jpeg(bytes);
      CHECK(samples::largest_difference(upright, expected) == 0);
      CHECK(upright.photo().width == expected.width());
      CHECK(upright.photo().height == expected.height());
      const Image as_stored = decode_jpeg(bytes, {.apply_orientation = false});
      CHECK(samples::largest_difference(as_stored, stored) == 0);
      CHECK(as_stored.photo().width == 75);
      CHECK(upright.photo().orientation == value);
      CHECK(as_stored.photo().orientation == 1);
    }
  }

  TEST_CASE("a CMYK image is turned as well") {
    const Image ink = samples::picture(40, 70, PixelFormat::rgba);
    const Bytes plain = samples::jpeg(ink, {.stored = JCS_YCCK});
    const Bytes turned =
        samples::jpeg(ink, {.stored = JCS_YCCK, .exif = samples::exif({.orientation = 3})});
    const Image upright = decode_jpeg(plain);
    const Image rotated = decode_jpeg(turned);
    CHECK(Bytes(rotated.row(0), rotated.row(0) + 3) ==
          Bytes(upright.row(69) + 39 * 3, upright.row(69) + 40 * 3));
  }

  TEST_CASE("photo() holds the upright full size and the EXIF focal length") {
    const Bytes bytes =
        samples::jpeg(samples::picture(96, 64),
                      {.exif = samples::exif({.orientation = 6, .focal_35mm = 36}, true)});
    const Image image = decode_jpeg(bytes, {.min_width = 10, .min_height = 10});
    CHECK(image.width() == 16);
    CHECK(image.height() == 24);
    CHECK(image.photo().width == 64);
    CHECK(image.photo().height == 96);
    CHECK(image.photo().focal_px == doctest::Approx(96));
    CHECK(decode_jpeg(samples::jpeg(samples::picture(8, 8))).photo().focal_px == 0);
  }

  TEST_CASE("other APP1 segments do not hide the EXIF record") {
    Bytes bytes =
        samples::jpeg(samples::picture(16, 8), {.exif = samples::exif({.orientation = 6})});
    const Bytes xmp = {0xFF, 0xE1, 0, 8, 'h', 't', 't', 'p', ':', '/'};
    CHECK(decode_jpeg(samples::with_inserted(bytes, 2, xmp)).width() == 8);
  }

  TEST_CASE("a wish for a smaller size picks the smallest fast scale that holds it") {
    const Bytes bytes = samples::jpeg(samples::picture(83, 61));
    const auto size_for = [&](int min_width, int min_height) {
      const Image image = decode_jpeg(bytes, {.min_width = min_width, .min_height = min_height});
      return std::pair(image.width(), image.height());
    };
    CHECK(size_for(0, 0) == std::pair(83, 61));
    CHECK(size_for(43, 1) == std::pair(83, 61));
    CHECK(size_for(42, 31) == std::pair(42, 31));
    CHECK(size_for(42, 32) == std::pair(83, 61));
    CHECK(size_for(21, 16) == std::pair(21, 16));
    CHECK(size_for(11, 8) == std::pair(11, 8));
    CHECK(size_for(11, 0) == std::pair(11, 8));  // 0: only the other one counts
    CHECK(size_for(0, 16) == std::pair(21, 16));
    CHECK(size_for(1000, 1000) == std::pair(83, 61));
  }

  TEST_CASE("the wish is one for the upright image") {
    const Bytes bytes =
        samples::jpeg(samples::picture(80, 40), {.exif = samples::exif({.orientation = 8})});
    CHECK(decode_jpeg(bytes, {.min_width = 20, .min_height = 40}).width() == 20);
    CHECK(decode_jpeg(bytes, {.min_width = 40, .min_height = 20}).width() == 40);
  }

  TEST_CASE("a scaled decode looks like the reduced full one") {
    const Image image = samples::picture(256, 192, PixelFormat::rgb, 0);
    const Bytes bytes = samples::jpeg(image, {.quality = 95});
    const Image half = decode_jpeg(bytes, {.min_width = 128, .min_height = 96});
    REQUIRE(half.width() == 128);
    for (int v = 4; v < 92; ++v) {
      for (int i = 12; i < 3 * 124; ++i) {
        const int u = i / 3;
        const int c = i % 3;
        int sum = 0;
        for (const int y : {2 * v, 2 * v + 1}) {
          for (const int x : {2 * u, 2 * u + 1}) sum += image.row(y)[3 * x + c];
        }
        REQUIRE(std::abs(half.row(v)[i] - sum / 4) <= 12);
      }
    }
  }

  TEST_CASE("memory is reused from frame to frame") {
    const Bytes large = samples::jpeg(samples::picture(64, 64));
    const Bytes small =
        samples::jpeg(samples::picture(48, 32), {.exif = samples::exif({.orientation = 5})});
    Image image;
    decode_jpeg(large, {}, image);
    const auto* memory = image.data();
    decode_jpeg(small, {}, image);
    CHECK(image.data() == memory);
    CHECK(image.width() == 32);
  }

  TEST_CASE("the size is checked on the header, before anything is allocated") {
    const Bytes bytes = samples::jpeg(samples::picture(16, 16));
    CHECK(
        error_for(declaring(bytes, 65500, 65500), {.max_pixels = 32'000'000}) ==
        "limit_exceeded decode: JPEG of 65500 x 65500 pixels is larger than the limit of 32000000 "
        "pixels");
    CHECK(contains(error_for(declaring(bytes, 65535, 65535)), "limit_exceeded decode"));
    CHECK(contains(error_for(bytes, {.max_pixels = 255}), "limit of 255 pixels"));
    CHECK(error_for(bytes, {.max_pixels = 256}) == "nothing");
  }

  TEST_CASE("a header that claims more than its data holds is an error") {
    const Bytes bytes = samples::jpeg(samples::picture(16, 16));
    CHECK(contains(error_for(declaring(bytes, 1600, 1600)), "corrupt_data decode"));
    CHECK(contains(error_for(declaring(bytes, 8064, 6048)), "corrupt_data decode"));
    CHECK(contains(error_for(declaring(bytes, 0, 16)), "corrupt_data decode"));
  }

  TEST_CASE("scans are counted") {
    const Image image = samples::picture(32, 32);
    CHECK(error_for(samples::jpeg(image, {.scans = 100})) == "nothing");
    const Bytes bomb = samples::jpeg(image, {.scans = 101});
    CHECK(error_for(bomb) == "limit_exceeded decode: JPEG has more than 100 scans");
    CHECK(error_for(bomb, {.max_scans = 101}) == "nothing");
    CHECK(contains(error_for(samples::jpeg(image, {.progressive = true}), {.max_scans = 3}),
                   "more than 3 scans"));
    CHECK(error_for(samples::jpeg(image), {.max_scans = 1}) == "nothing");
  }

  TEST_CASE("a truncated JPEG is an error wherever pixels are missing") {
    for (const auto& [kind, size] : kinds_to_cut) {
      const Bytes bytes = samples::jpeg(samples::picture(size, 40), kind);
      CAPTURE(kind.progressive);
      CAPTURE(kind.restart_rows);
      CAPTURE(size);
      constexpr std::size_t end_marker = 2;
      for (std::size_t cut = 3; cut <= bytes.size(); cut += cut < 50 ? 1 : 7) {
        CAPTURE(cut);
        CHECK(contains(error_for(samples::without_end(bytes, cut)), "corrupt_data decode: "));
      }
      CHECK(error_for(samples::without_end(bytes, end_marker + 1)) ==
            "corrupt_data decode: Premature end of JPEG file");
    }
  }

  TEST_CASE("a missing end marker costs no pixel") {
    for (const auto& [kind, size] : kinds_to_cut) {
      CAPTURE(kind.progressive);
      CAPTURE(kind.restart_rows);
      CAPTURE(size);
      const Bytes bytes = samples::jpeg(samples::picture(size, 40), kind);
      const Image expected = decode_jpeg(bytes);
      const Bytes open_end = samples::without_end(bytes, 2);
      const Bytes padded = samples::with_inserted(open_end, open_end.size(), Bytes(100, 0));
      for (const Bytes& endless : {open_end, samples::without_end(bytes, 1), padded}) {
        CHECK(samples::largest_difference(decode_jpeg(endless), expected) == 0);
      }
      CHECK(decode_jpeg(open_end, {.min_width = 5}).width() < size);
    }
    const Bytes arithmetic =
        samples::without_end(samples::jpeg(samples::picture(40, 40), {.arithmetic = true}), 2);
    CHECK(
        contains(error_for(arithmetic), "Premature end of JPEG file"));  // who knows what it lacks
  }

  TEST_CASE("an end behind a scan is an error where scans are missing") {
    const Bytes bytes = samples::jpeg(samples::picture(48, 48, PixelFormat::gray),
                                      {.stored = JCS_GRAYSCALE, .progressive = true});
    const auto scans = scans_of(bytes);
    Bytes first(scans[0]);
    for (std::size_t i = 1; i + 1 < scans.size(); ++i) {
      CAPTURE(i);
      first.insert(first.end(), scans[i].begin(), scans[i].end());
      CHECK(error_for(first) == "corrupt_data decode: Premature end of JPEG file");
    }
    first.insert(first.end(), scans.back().begin(), scans.back().end() - 2);
    CHECK(error_for(first) == "nothing");
  }

  TEST_CASE("codes that do not exist are an error where their bytes are left over") {
    // libjpeg's fast way passes over such codes in silence.
    const Bytes bytes = samples::jpeg(samples::picture(320, 240));
    const std::size_t scan = samples::find_marker(bytes, start_of_scan) + 14;
    const Bytes no_code = {0xFF, 0, 0xFF, 0, 0xFF, 0, 0xFF, 0, 0xFF, 0, 0xFF, 0};  // all bits 1
    int bad_codes = 0;
    for (std::size_t at = scan; at + 10000 < bytes.size(); at += 997) {
      if (bytes[at - 1] == 0xFF) continue;
      const Bytes damaged = samples::with_inserted(bytes, at, no_code);
      bad_codes += contains(error_for(damaged), "corrupt_data decode: Corrupt JPEG data: bad Huff");
    }
    CHECK(bad_codes > 5);
    // Leftovers before a table or the next scan are never stray.
    const Bytes progressive = samples::jpeg(samples::picture(64, 64), {.progressive = true});
    const std::size_t first_scan = samples::find_marker(progressive, start_of_scan) + 14;
    const auto rest = progressive.begin() + static_cast<std::ptrdiff_t>(first_scan);
    constexpr std::uint8_t tables[] = {0xFF, 0xC4};
    const auto next = std::search(rest, progressive.end(), std::begin(tables), std::end(tables));
    REQUIRE(next != progressive.end());
    const auto at = static_cast<std::size_t>(next - progressive.begin());
    CHECK(contains(error_for(samples::with_inserted(progressive, at, Bytes(20, 0x12))),
                   "extraneous bytes before marker 0xc4"));
  }

  TEST_CASE("damaged bytes are an error or an image, never a crash") {
    const Bytes bytes = samples::jpeg(samples::picture(40, 40));
    int errors = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      Bytes damaged = bytes;
      damaged[i] ^= 0x55;
      errors += error_for(damaged) != "nothing";
    }
    CHECK(errors > 0);
  }

  TEST_CASE("missing entropy-coded data is an error although the end marker is there") {
    const Bytes bytes = samples::jpeg(samples::picture(64, 64));
    Bytes gap = bytes;
    gap.erase(gap.end() - 200, gap.end() - 2);
    CHECK(contains(error_for(gap), "premature end of data segment"));
    const Bytes restarts = samples::jpeg(samples::picture(64, 64), {.restart_rows = 1});
    Bytes lost = restarts;
    const auto restart = samples::find_marker(restarts, 0xD1);
    lost.erase(lost.begin() + static_cast<std::ptrdiff_t>(restart),
               lost.begin() + static_cast<std::ptrdiff_t>(restart) + 2);
    CHECK(contains(error_for(lost), "corrupt_data decode"));
  }

  TEST_CASE("extra bytes are harmless before the end marker, after it and in the header") {
    const Image image = samples::picture(40, 40);
    const Bytes extra = {0x12, 0x00, 0x34, 0x56};
    for (const bool progressive : {false, true}) {
      const Bytes bytes = samples::jpeg(image, {.progressive = progressive});
      const Image expected = decode_jpeg(bytes);
      for (const std::size_t at : {bytes.size() - 2, bytes.size(), std::size_t{20}}) {
        CAPTURE(at);
        const Image decoded = decode_jpeg(samples::with_inserted(bytes, at, extra));
        CHECK(samples::largest_difference(decoded, expected) == 0);
      }
    }
  }

  TEST_CASE("extra bytes before a restart marker are harmless") {
    const Image image = samples::picture(64, 64);
    for (const bool progressive : {false, true}) {
      const Bytes bytes = samples::jpeg(image, {.progressive = progressive, .restart_rows = 1});
      const Image expected = samples::turbojpeg_decode(bytes, PixelFormat::rgb);
      for (const Bytes& extra : std::vector<Bytes>{{0x00}, {0x12, 0x34, 0x56}, Bytes(5000, 0xA5)}) {
        for (const std::uint8_t marker : {0xD0, 0xD1, 0xD2}) {
          CAPTURE(static_cast<int>(marker));
          const Bytes with_extra =
              samples::with_inserted(bytes, samples::find_marker(bytes, marker), extra);
          CHECK(samples::largest_difference(decode_jpeg(with_extra), expected) == 0);
        }
      }
    }
  }

  TEST_CASE("markers that do not belong there are passed over where nothing is lost") {
    const Bytes bytes = samples::jpeg(samples::picture(64, 64), {.restart_rows = 1});
    const Image expected = decode_jpeg(bytes);
    const auto restart = samples::find_marker(bytes, 0xD1);
    const Bytes stray = samples::with_inserted(bytes, restart, {0xFF, 0x05, 0x12});
    CHECK(samples::largest_difference(decode_jpeg(stray), expected) == 0);
    Bytes misnumbered = bytes;
    misnumbered[restart + 1] = 0xD5;
    CHECK(samples::largest_difference(decode_jpeg(misnumbered), expected) == 0);
  }

  TEST_CASE("a restart interval that is lost is an error") {
    for (const bool arithmetic : {false, true}) {
      CAPTURE(arithmetic);
      const Bytes bytes =
          samples::jpeg(samples::picture(64, 96), {.arithmetic = arithmetic, .restart_rows = 1});
      const auto at = [&](std::uint8_t marker) {
        return bytes.begin() + static_cast<std::ptrdiff_t>(samples::find_marker(bytes, marker));
      };
      Bytes one_lost(bytes.begin(), at(0xD1));
      one_lost.insert(one_lost.end(), at(0xD2), bytes.end());
      CHECK(contains(error_for(one_lost), "corrupt_data decode: "));
      Bytes last_lost(bytes.begin(), at(0xD3));
      last_lost.insert(last_lost.end(), {0xFF, 0xD9});
      CHECK(contains(error_for(last_lost), "corrupt_data decode: "));
      Bytes end_lost(bytes.begin(), at(0xD4) + 2);
      end_lost.insert(end_lost.end(), {0xFF, 0xD9});
      if (!arithmetic) CHECK(contains(error_for(end_lost), "corrupt_data decode: "));
    }
  }

  TEST_CASE("scans in another order are harmless, a missing one is not") {
    const Bytes bytes = samples::jpeg(samples::picture(48, 48, PixelFormat::gray),
                                      {.stored = JCS_GRAYSCALE, .progressive = true});
    const Image expected = decode_jpeg(bytes);
    const auto scans = scans_of(bytes);
    REQUIRE(scans.size() == 7);  // head, DC, AC, AC, AC refined, DC refined, AC refined and end
    const auto joined = [&](const std::vector<std::size_t>& order) {
      Bytes result;
      for (const std::size_t i : order) {
        result.insert(result.end(), scans[i].begin(), scans[i].end());
      }
      return result;
    };
    REQUIRE(joined({0, 1, 2, 3, 4, 5, 6}) == bytes);
    const Image reordered = decode_jpeg(joined({0, 2, 1, 3, 4, 5, 6}));
    CHECK(samples::largest_difference(reordered, expected) == 0);
    const Image repeated = decode_jpeg(joined({0, 1, 2, 2, 3, 4, 5, 6}));
    CHECK(samples::largest_difference(repeated, expected) == 0);
    CHECK(contains(error_for(joined({0, 1, 2, 3, 5, 6})),
                   "corrupt_data decode: Inconsistent progression sequence"));
  }

  TEST_CASE("salvage takes what is there, and says so") {
    const Bytes bytes = samples::jpeg(samples::picture(64, 96), {.restart_rows = 1});
    const Image expected = decode_jpeg(bytes);
    const Bytes cut = samples::without_end(bytes, bytes.size() / 2);
    CHECK(error_for(cut) == "corrupt_data decode: Premature end of JPEG file");
    std::vector<std::string> remarks;
    depthcloud::set_log_callback([&](depthcloud::LogLevel level, std::string_view line) {
      CHECK(level == depthcloud::LogLevel::info);
      remarks.emplace_back(line);
    });
    const Image salvaged = decode_jpeg(cut, {.salvage = true});
    CHECK(remarks == std::vector<std::string>{"the photo is damaged, what is there was taken: "
                                              "Premature end of JPEG file"});
    remarks.clear();
    CHECK(samples::largest_difference(decode_jpeg(bytes, {.salvage = true}), expected) == 0);
    CHECK(remarks.empty());
    depthcloud::set_log_callback(nullptr);
    REQUIRE(salvaged.height() == 96);
    CHECK(std::equal(salvaged.data(), salvaged.row(8), expected.data()));
    CHECK(Bytes(salvaged.row(95), salvaged.row(95) + 6) == Bytes(6, 128));

    const Bytes progressive = samples::jpeg(samples::picture(64, 96), {.progressive = true});
    const Bytes half = samples::without_end(progressive, progressive.size() / 2);
    CHECK(decode_jpeg(half, {.salvage = true}).width() == 64);
    CHECK(decode_jpeg(half, {.min_width = 8, .salvage = true}).width() == 8);
    CHECK(contains(error_for(samples::without_end(bytes, bytes.size() - 30), {.salvage = true}),
                   "corrupt_data decode: "));  // no header, no picture
  }

  TEST_CASE("what breaks decoding off leaves the rows before it to salvage") {
    // A marker of no kind behind the first interval is an error of libjpeg's, not a warning.
    const Bytes bytes = samples::jpeg(samples::picture(64, 96));
    Bytes broken = bytes;
    broken[bytes.size() - 1] = 0x02;
    const Image expected = decode_jpeg(bytes);
    CHECK(contains(error_for(broken), "corrupt_data decode: "));
    CHECK(samples::largest_difference(decode_jpeg(broken, {.salvage = true}), expected) == 0);
    const Bytes bomb = samples::jpeg(samples::picture(32, 32), {.scans = 101});
    CHECK(contains(error_for(bomb, {.salvage = true}), "limit_exceeded decode"));
  }

  TEST_CASE("what libjpeg only remarks on is accepted") {
    const Bytes bytes = samples::jpeg(samples::picture(16, 16));
    Bytes revision = bytes;
    revision[11] = 9;  // JFIF 9.x
    CHECK(error_for(revision) == "nothing");
    Bytes spectral = bytes;
    spectral[samples::find_marker(bytes, start_of_scan) + 4 + 1 + 6 + 1] = 5;  // Se
    CHECK(error_for(spectral) == "nothing");
  }

  TEST_CASE("kinds that are not read are named") {
    const Bytes bytes = samples::jpeg(samples::picture(16, 16));
    const auto frame = samples::find_marker(bytes, start_of_frame);
    Bytes twelve_bits = bytes;
    twelve_bits[frame + 4] = 12;
    CHECK(contains(error_for(twelve_bits), "unsupported decode: "));
    CHECK(contains(error_for(twelve_bits), "12"));
    Bytes lossless = bytes;
    lossless[frame + 1] = 0xC3;
    CHECK(contains(error_for(lossless), "unsupported decode: Unsupported JPEG process"));
  }

  TEST_CASE("two components are no image of ours") {
    // A gray JPEG's header, rewritten to declare a second component without data of its own.
    Bytes bytes = samples::jpeg(samples::picture(16, 16, PixelFormat::gray));
    const auto frame = samples::find_marker(bytes, start_of_frame);
    bytes[frame + 3] = static_cast<std::uint8_t>(bytes[frame + 3] + 3);
    bytes[frame + 9] = 2;
    bytes = samples::with_inserted(bytes, frame + 13, {2, 0x11, 0});
    CHECK(error_for(bytes) ==
          "unsupported decode: JPEG has 2 components; only 1, 3 and 4 are supported");
  }

  TEST_CASE("what is not a JPEG is corrupt") {
    CHECK(contains(error_for({}), "corrupt_data decode: Empty input file"));
    CHECK(contains(error_for({'h', 'e', 'l', 'l', 'o'}), "Not a JPEG file: starts with 0x68 0x65"));
    CHECK(contains(error_for({0xFF, 0xD8, 0xFF, 0xD9}), "corrupt_data decode"));
  }
}
