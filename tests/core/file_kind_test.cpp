// SPDX-License-Identifier: Apache-2.0
#include "core/file_kind.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "expect_error.hpp"

using depthcloud::advice;
using depthcloud::describe_file;
using depthcloud::file_kind;
using depthcloud::FileKind;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

FileKind kind_of(std::string_view start) { return file_kind(bytes_of(start)); }

std::string description_of(std::string_view start) {
  return describe_file(bytes_of(start), "JPEG or PNG");
}

/// The start of a ZIP whose first file has this name.
std::string zip_of(const std::string& name) {
  return "PK\3\4"s + std::string(22, '\0') + static_cast<char>(name.size()) + "\0\0\0"s + name +
         "\x80\2 content";
}

/// A file type box with these brands, then whatever follows.
std::string media(const std::string& brands) {
  std::string box = {0, 0, 0, static_cast<char>(8 + brands.size())};
  return box + "ftyp" + brands + "\0\0\0\x08mdatavif"s;
}

}  // namespace

TEST_SUITE("core") {
  TEST_CASE("file_kind knows photos and pictures") {
    CHECK(kind_of("\xFF\xD8\xFF\xE0"sv) == FileKind::jpeg);
    CHECK(kind_of("\x89PNG\r\n\x1A\n...."sv) == FileKind::png);
    CHECK(kind_of("RIFF\x10\0\0\0WEBPVP8 "sv) == FileKind::webp);
    CHECK(kind_of("II*\0\x08\0\0\0"sv) == FileKind::tiff);
    CHECK(kind_of("MM\0*\0\0\0\x08"sv) == FileKind::tiff);
    CHECK(kind_of("MM\0+\0\x08\0\0"sv) == FileKind::tiff);
    CHECK(kind_of("II*\0\x10\0\0\0CR\2\0"sv) == FileKind::raw);
    CHECK(kind_of("FUJIFILMCCD-RAW 0201"sv) == FileKind::raw);
    CHECK(kind_of("BM\x36\x10\0\0\0\0\0\0\x36"sv) == FileKind::bmp);
    CHECK(kind_of("BMW is not one"sv) == FileKind::text);
    CHECK(kind_of("GIF87a"sv) == FileKind::gif);
    CHECK(kind_of("\xFF\x0A\xFA\x7F"sv) == FileKind::jpeg_xl);
    CHECK(kind_of("\0\0\0\x0CJXL \r\n\x87\n"sv) == FileKind::jpeg_xl);
    CHECK(kind_of("\0\0\0\x0CjP  \r\n\x87\n"sv) == FileKind::jpeg_2000);
    CHECK(kind_of("8BPS\0\1"sv) == FileKind::psd);
    CHECK(kind_of("P6\n640 480\n255\n"sv) == FileKind::netpbm);
    CHECK(kind_of("P8\n640 480\n255\n"sv) == FileKind::text);
    CHECK(kind_of("Pf\n640 480\n-1\n"sv) == FileKind::pfm);
    CHECK(kind_of("#?RADIANCE\n"sv) == FileKind::radiance);
    CHECK(kind_of("<svg xmlns='...'>"sv) == FileKind::svg);
    CHECK(kind_of("<?xml version='1.0'?>\n<svg>"sv) == FileKind::svg);
  }

  TEST_CASE("file_kind tells HEIC, AVIF and video by their brands") {
    CHECK(kind_of(media("heic\0\0\0\0mif1heic"s)) == FileKind::heic);
    CHECK(kind_of(media("mif1\0\0\0\0mif1heic"s)) == FileKind::heic);
    CHECK(kind_of(media("msf1\0\0\0\0hevc"s)) == FileKind::heic);
    CHECK(kind_of(media("avif\0\0\0\0mif1miaf"s)) == FileKind::avif);
    CHECK(kind_of(media("mif1\0\0\0\0avifmiaf"s)) == FileKind::avif);
    CHECK(kind_of(media("isom\0\0\2\0isomiso2avc1mp41"s)) == FileKind::mp4);
    CHECK(kind_of(media("qt  \0\0\0\0qt  "s)) == FileKind::mp4);
    CHECK(kind_of(media("crx \0\0\0\1crx isom"s)) == FileKind::raw);
    CHECK(kind_of("\0\0\0\x18"
                  "ftyp"sv) == FileKind::mp4);  // cut short
    CHECK(kind_of("\x1A\x45\xDF\xA3"sv) == FileKind::matroska);
    CHECK(kind_of("RIFF\0\0\0\0AVI LIST"sv) == FileKind::avi);
    CHECK(kind_of("RIFF\0\0\0\0WAVEfmt "sv) == FileKind::sound);
  }

  TEST_CASE("file_kind knows weights, depth, archives and documents") {
    CHECK(kind_of("\x93NUMPY\1\0"sv) == FileKind::numpy);
    CHECK(kind_of("\x80\2}q\0"sv) == FileKind::pickle);
    CHECK(kind_of("\x50\1\0\0\0\0\0\0{\"__metadata__\""sv) == FileKind::safetensors);
    CHECK(kind_of("\x89HDF\r\n\x1A\n"sv) == FileKind::hdf5);
    CHECK(kind_of("ply\nformat ascii 1.0"sv) == FileKind::ply);
    CHECK(kind_of("# .PCD v0.7"sv) == FileKind::pcd);
    CHECK(kind_of("\x89"
                  "DCR\r\n\x1A\n\1\0\0\0"sv) == FileKind::recording);
    CHECK(kind_of("PK\3\4\x14\0"sv) == FileKind::zip);
    CHECK(kind_of(zip_of("notes.txt")) == FileKind::zip);
    CHECK(kind_of(zip_of("depth.npy")) == FileKind::npz);
    CHECK(kind_of(zip_of("archive/data.pkl")) == FileKind::torch_archive);
    CHECK(kind_of(zip_of("archive/data.pkl").substr(0, 40)) == FileKind::zip);
    CHECK(kind_of("GGUF\3\0\0\0"sv) == FileKind::gguf);
    CHECK(kind_of("\x08\x07\x12\x07pytorch\x1A\x05"sv) == FileKind::onnx);
    CHECK(kind_of("\x08\x07\x12\x07\0\0\0\0\0\0\0"sv) == FileKind::unknown);
    CHECK(kind_of("{\"metadata\": {\"total_size\": 4}, \"weight_map\": {\"a\": \"b\"}}"sv) ==
          FileKind::safetensors_index);
    CHECK(kind_of("\x1F\x8B\x08"sv) == FileKind::gzip);
    CHECK(kind_of("\x28\xB5\x2F\xFD\0"sv) == FileKind::archive);
    CHECK(kind_of("version https://git-lfs.github.com/spec/v1\noid sha256:4d"sv) ==
          FileKind::git_lfs_pointer);
    CHECK(kind_of("%PDF-1.7"sv) == FileKind::pdf);
    CHECK(kind_of("\n <!DOCTYPE HTML><html>"sv) == FileKind::html);
    CHECK(kind_of("\xEF\xBB\xBF<html lang='en'>"sv) == FileKind::html);
    CHECK(kind_of("<?xml version='1.0'?><Error>"sv) == FileKind::xml);
    CHECK(kind_of("{\"error\": \"not found\"}"sv) == FileKind::json);
    CHECK(kind_of("[1, 2]"sv) == FileKind::json);
    CHECK(kind_of("{}"sv) == FileKind::json);
    CHECK(kind_of("{ broken"sv) == FileKind::text);
    CHECK(kind_of("Not Found"sv) == FileKind::text);
    CHECK(kind_of("\x7F"
                  "ELF\2"sv) == FileKind::program);
  }

  TEST_CASE("what is none of these is unknown, unless it is empty") {
    CHECK(kind_of(""sv) == FileKind::empty);
    CHECK(kind_of("x"sv) == FileKind::unknown);
    CHECK(kind_of("\0\0\0\0"sv) == FileKind::unknown);
    CHECK(kind_of("text\0and more"sv) == FileKind::unknown);
  }

  TEST_CASE("any start of a file has a kind") {
    const std::string start = media("heic\0\0\0\0mif1heic"s) + "<html>PK\3\4";
    for (std::size_t from = 0; from < start.size(); ++from) {
      for (std::size_t size = 0; from + size <= start.size(); ++size) {
        CHECK(to_string(kind_of(std::string_view(start).substr(from, size))) != nullptr);
      }
    }
  }

  TEST_CASE("a description says what it is and what to do") {
    CHECK(description_of("GIF89a") == "a GIF picture: convert it to JPEG or PNG");
    CHECK(description_of("PK\3\4") == "a ZIP archive: unpack it");
    CHECK(description_of("ply\n") ==
          "a PLY file: it holds points already: depthcloud convert makes another file of it");
    CHECK(description_of("<html>") ==
          "a web page (HTML): a server may have sent it in place of the file: download that again");
    CHECK(description_of("version https://git-lfs.github.com/spec/v1") ==
          "a Git LFS pointer, not the file that it stands for: run 'git lfs pull' where it lies");
    CHECK(description_of("\1\2\3\xF4\5") == "a file of no known kind (it starts with 01 02 03 f4)");
    CHECK(description_of("") == "an empty file");
    CHECK(advice(FileKind::numpy, "JPEG") ==
          "save what it holds as JPEG, or give it as depth if it is that");
    CHECK(advice(FileKind::pickle, ".npy").find("save what it holds as .npy") != std::string::npos);
    CHECK(advice(FileKind::hdf5, ".npy") == "save the array in it as .npy, for instance with h5py");
    CHECK(advice(FileKind::mp4, "JPEG") == "save its frames as JPEG, for instance with ffmpeg");
  }

  TEST_CASE("what is no weights is told what makes weights of it, and a photo nothing") {
    const auto of = [](std::string_view start) {
      return depthcloud::describe_no_weights(bytes_of(start));
    };
    CHECK(of("\xFF\xD8\xFF\xE0") == "a JPEG photo");
    CHECK(of("\x80\2\x8A\x0A") ==
          "a Python pickle: take the publisher's .safetensors, or convert it with "
          "safetensors.torch.save_file in Python");
    CHECK(contains(of(zip_of("archive/data.pkl")), "archive of PyTorch's"));
    CHECK(of(zip_of("depth.npy")) ==
          "a file of NumPy arrays (.npz): take the publisher's .safetensors");
    CHECK(of("GGUF\3") == "a GGUF model: take the publisher's .safetensors");
    CHECK(of("{\"weight_map\": {}}") == "the index of a checkpoint in several files");
    CHECK(of("Entry not found") ==
          "a text file: a server may have sent it in place of the file: download that again");
    CHECK(contains(of("<html>"), "a server may have sent it"));
    CHECK(contains(of("version https://git-lfs.github.com/spec/v1"), "git lfs pull"));
    CHECK(of("") == "an empty file: download it again");
    CHECK(of("\1\2") == "a file of no known kind (it starts with 01 02)");
  }

  TEST_CASE("every kind has a name of its own") {
    std::vector<std::string> names;
    for (int i = 0; i <= static_cast<int>(FileKind::empty); ++i) {
      const std::string name = to_string(static_cast<FileKind>(i));
      CHECK_FALSE(name.empty());
      for (const std::string& other : names) CHECK(name != other);
      names.push_back(name);
    }
  }
}
