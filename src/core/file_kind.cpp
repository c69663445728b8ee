// SPDX-License-Identifier: Apache-2.0
#include "core/file_kind.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <string_view>

#include <fmt/format.h>

namespace depthcloud {
namespace {

using namespace std::string_view_literals;

/// Bytes at a place of the file that are of this kind alone.
struct Signature {
  FileKind kind;
  std::size_t at;
  std::string_view bytes;
};

// The first that fits counts: what is special comes before what is general.
constexpr Signature signatures[] = {
    {FileKind::jpeg, 0, "\xFF\xD8"sv},
    {FileKind::png, 0, "\x89PNG\r\n\x1A\n"sv},
    {FileKind::gif, 0, "GIF8"sv},
    {FileKind::webp, 8, "WEBP"sv},
    {FileKind::avi, 8, "AVI "sv},
    {FileKind::sound, 8, "WAVE"sv},
    {FileKind::raw, 8, "CR\2"sv},  // Canon's, in a TIFF
    {FileKind::tiff, 0, "II*\0"sv},
    {FileKind::tiff, 0, "MM\0*"sv},
    {FileKind::tiff, 0, "II+\0"sv},
    {FileKind::tiff, 0, "MM\0+"sv},
    {FileKind::raw, 0, "IIU\0"sv},
    {FileKind::raw, 0, "IIRO"sv},
    {FileKind::raw, 0, "IIRS"sv},
    {FileKind::raw, 0, "FUJIFILMCCD-RAW"sv},
    {FileKind::jpeg_xl, 0, "\xFF\x0A"sv},
    {FileKind::jpeg_xl, 0, "\0\0\0\x0CJXL \r\n\x87\n"sv},
    {FileKind::jpeg_2000, 0, "\0\0\0\x0CjP  "sv},
    {FileKind::jpeg_2000, 0, "\xFF\x4F\xFF\x51"sv},
    {FileKind::psd, 0, "8BPS"sv},
    {FileKind::exr, 0, "\x76\x2F\x31\x01"sv},
    {FileKind::radiance, 0, "#?R"sv},
    {FileKind::icon, 0, "\0\0\1\0"sv},
    {FileKind::numpy, 0, "\x93NUMPY"sv},
    {FileKind::hdf5, 0, "\x89HDF\r\n\x1A\n"sv},
    {FileKind::ply, 0, "ply\n"sv},
    {FileKind::ply, 0, "ply\r"sv},
    {FileKind::pcd, 0, "# .PCD"sv},
    {FileKind::recording, 0,
     "\x89"
     "DCR\r\n\x1A\n"sv},
    {FileKind::gltf, 0, "glTF"sv},
    {FileKind::matroska, 0, "\x1A\x45\xDF\xA3"sv},
    {FileKind::sound, 0, "OggS"sv},
    {FileKind::sound, 0, "ID3"sv},
    {FileKind::sound, 0, "fLaC"sv},
    {FileKind::zip, 0, "PK\5\6"sv},  // an empty one
    {FileKind::gguf, 0, "GGUF"sv},
    {FileKind::gzip, 0, "\x1F\x8B"sv},
    {FileKind::archive, 0, "\x28\xB5\x2F\xFD"sv},
    {FileKind::archive, 0, "\xFD\x37zXZ\0"sv},
    {FileKind::archive, 0, "BZh"sv},
    {FileKind::archive, 0, "7z\xBC\xAF\x27\x1C"sv},
    {FileKind::archive, 0, "Rar!"sv},
    {FileKind::archive, 257, "ustar"sv},
    {FileKind::git_lfs_pointer, 0, "version https://git-lfs.github.com/spec/"sv},
    {FileKind::pdf, 0, "%PDF-"sv},
    {FileKind::program, 0, "\x7F\x45LF"sv},
};

bool holds(std::string_view start, std::size_t at, std::string_view bytes) {
  return start.size() >= at + bytes.size() && start.substr(at, bytes.size()) == bytes;
}

/// The kind of an ISO base media file, of which its brands tell; `unknown` if it is none.
FileKind kind_of_media(std::string_view start) {
  if (!holds(start, 4, "ftyp")) return FileKind::unknown;
  const auto size = static_cast<std::size_t>(static_cast<unsigned char>(start[2])) << 8 |
                    static_cast<unsigned char>(start[3]);
  const std::string_view box = start.substr(0, std::clamp<std::size_t>(size, 12, start.size()));
  bool is_heif = false;
  for (std::size_t at = 8; at + 4 <= box.size(); at += 4) {
    const std::string_view brand = box.substr(at, 4);
    if (brand == "avif" || brand == "avis") return FileKind::avif;
    if (brand == "crx ") return FileKind::raw;
    constexpr std::string_view heif[] = {"heic", "heix", "hevc", "hevx", "heim",
                                         "heis", "mif1", "msf1", "mif2"};
    is_heif |= std::ranges::count(heif, brand) > 0;
  }
  return is_heif ? FileKind::heic : FileKind::mp4;
}

bool is_bmp(std::string_view start) {
  return holds(start, 0, "BM") && (holds(start, 6, "\0\0\0\0"sv) || start.size() < 10);
}

/// "P1" to "P7", or "PF" and "Pf" of PFM, then white space.
FileKind kind_of_netpbm(std::string_view start) {
  if (start.size() < 3 || start[0] != 'P' ||
      std::isspace(static_cast<unsigned char>(start[2])) == 0) {
    return FileKind::unknown;
  }
  if (start[1] == 'F' || start[1] == 'f') return FileKind::pfm;
  return start[1] >= '1' && start[1] <= '7' ? FileKind::netpbm : FileKind::unknown;
}

/// An archive is told by the first of its files.
FileKind kind_of_zip(std::string_view start) {
  if (!holds(start, 0, "PK\3\4")) return FileKind::unknown;
  constexpr std::size_t name_at = 30;
  const auto byte = [&](std::size_t at) {
    return at < start.size() ? static_cast<unsigned char>(start[at]) : 0U;
  };
  const std::size_t name_size = byte(26) | byte(27) << 8;
  const std::string_view name = start.substr(std::min(name_at, start.size())).substr(0, name_size);
  if (name.ends_with(".npy")) return FileKind::npz;
  return name.ends_with("data.pkl") ? FileKind::torch_archive : FileKind::zip;
}

/// Two fields of a protocol buffer: the version of the format and the program that wrote it.
bool is_onnx(std::string_view start) {
  if (start.size() < 6 || start[0] != '\x08' || start[1] < 1 || start[1] > 32) return false;
  const auto producer_size = static_cast<unsigned char>(start[3]);
  const std::string_view producer = start.substr(4, producer_size);
  return start[2] == '\x12' && producer_size > 0 &&
         std::ranges::all_of(producer, [](char c) { return c >= 0x20 && c < 0x7F; });
}

/// The length of a JSON header in eight bytes, then the header.
bool is_safetensors(std::string_view start) {
  return holds(start, 5, "\0\0\0{\""sv) || holds(start, 5, "\0\0\0{}"sv);
}

/// The first instruction of pickles of protocol 2 to 5 names the protocol.
bool is_pickle(std::string_view start) {
  return start.size() > 2 && start[0] == '\x80' && start[1] >= 2 && start[1] <= 5;
}

/// A mark of UTF-8 and white space are no part of what a text begins with.
std::string_view without_lead(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

bool starts_with_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() &&
         std::equal(lower.begin(), lower.end(), text.begin(), [](char a, char b) {
           return a == std::tolower(static_cast<unsigned char>(b));
         });
}

bool is_json(std::string_view text) {
  if (text.empty() || (text[0] != '{' && text[0] != '[')) return false;
  const std::string_view inside = without_lead(text.substr(1));
  if (inside.empty()) return true;
  const char next = inside[0];
  const bool is_value = next == '"' || next == '{' || next == '[' || next == '-' ||
                        std::isdigit(static_cast<unsigned char>(next)) != 0;
  return text[0] == '{' ? next == '"' || next == '}' : is_value || next == ']';
}

FileKind kind_of_text(std::string_view start) {
  const std::string_view text = without_lead(start);
  for (const std::string_view tag : {"<!doctype html", "<html", "<head", "<body", "<title"}) {
    if (starts_with_ignoring_case(text, tag)) return FileKind::html;
  }
  if (text.starts_with("<svg")) return FileKind::svg;
  if (text.starts_with("<?xml") || text.starts_with("<!--") || text.starts_with("<!DOCTYPE")) {
    return text.find("<svg") != std::string_view::npos ? FileKind::svg : FileKind::xml;
  }
  if (is_json(text)) {
    const bool is_index = text.find("\"weight_map\"") != std::string_view::npos;
    return is_index ? FileKind::safetensors_index : FileKind::json;
  }
  const bool is_printable = std::ranges::all_of(start, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 ? byte != 0x7F : byte == '\t' || byte == '\n' || byte == '\r';
  });
  return is_printable && start.size() > 1 ? FileKind::text : FileKind::unknown;
}

}  // namespace

FileKind file_kind(std::span<const std::uint8_t> bytes) noexcept {
  constexpr std::size_t enough = 512;
  const std::string_view start(reinterpret_cast<const char*>(bytes.data()),
                               std::min(bytes.size(), enough));
  if (start.empty()) return FileKind::empty;
  for (const Signature& signature : signatures) {
    if (holds(start, signature.at, signature.bytes)) return signature.kind;
  }
  if (const FileKind media = kind_of_media(start); media != FileKind::unknown) return media;
  if (is_bmp(start)) return FileKind::bmp;
  if (const FileKind archive = kind_of_zip(start); archive != FileKind::unknown) return archive;
  if (const FileKind map = kind_of_netpbm(start); map != FileKind::unknown) return map;
  if (is_safetensors(start)) return FileKind::safetensors;
  if (is_pickle(start)) return FileKind::pickle;
  if (is_onnx(start)) return FileKind::onnx;
  return kind_of_text(start);
}

const char* to_string(FileKind kind) noexcept {
  switch (kind) {
    case FileKind::unknown:
      break;
    case FileKind::jpeg:
      return "a JPEG photo";
    case FileKind::png:
      return "a PNG picture";
    case FileKind::webp:
      return "a WebP photo";
    case FileKind::heic:
      return "a HEIC photo";
    case FileKind::avif:
      return "an AVIF photo";
    case FileKind::tiff:
      return "a TIFF picture (or a camera's raw file)";
    case FileKind::bmp:
      return "a BMP picture";
    case FileKind::gif:
      return "a GIF picture";
    case FileKind::jpeg_xl:
      return "a JPEG XL photo";
    case FileKind::jpeg_2000:
      return "a JPEG 2000 photo";
    case FileKind::raw:
      return "a camera's raw file";
    case FileKind::psd:
      return "a Photoshop file (PSD)";
    case FileKind::svg:
      return "an SVG drawing";
    case FileKind::icon:
      return "an icon (ICO)";
    case FileKind::netpbm:
      return "a PPM, PGM or PBM picture";
    case FileKind::exr:
      return "an OpenEXR picture";
    case FileKind::radiance:
      return "a Radiance HDR picture";
    case FileKind::pfm:
      return "a PFM picture";
    case FileKind::numpy:
      return "a NumPy array (.npy)";
    case FileKind::npz:
      return "a file of NumPy arrays (.npz)";
    case FileKind::pickle:
      return "a Python pickle";
    case FileKind::torch_archive:
      return "an archive of PyTorch's (a Python pickle in a ZIP)";
    case FileKind::safetensors:
      return "a safetensors file";
    case FileKind::safetensors_index:
      return "the index of a checkpoint in several files";
    case FileKind::onnx:
      return "an ONNX network";
    case FileKind::gguf:
      return "a GGUF model";
    case FileKind::hdf5:
      return "an HDF5 file";
    case FileKind::ply:
      return "a PLY file";
    case FileKind::pcd:
      return "a PCD cloud";
    case FileKind::recording:
      return "a recording of messages";
    case FileKind::gltf:
      return "a glTF scene";
    case FileKind::mp4:
      return "a video (MP4 or MOV)";
    case FileKind::matroska:
      return "a video (Matroska or WebM)";
    case FileKind::avi:
      return "a video (AVI)";
    case FileKind::sound:
      return "a sound file";
    case FileKind::zip:
      return "a ZIP archive";
    case FileKind::gzip:
      return "a gzip archive";
    case FileKind::archive:
      return "an archive";
    case FileKind::git_lfs_pointer:
      return "a Git LFS pointer, not the file that it stands for";
    case FileKind::html:
      return "a web page (HTML)";
    case FileKind::xml:
      return "an XML file";
    case FileKind::json:
      return "a JSON file";
    case FileKind::pdf:
      return "a PDF document";
    case FileKind::program:
      return "a program (ELF)";
    case FileKind::text:
      return "a text file";
    case FileKind::empty:
      return "an empty file";
  }
  return "a file of no known kind";
}

std::string advice(FileKind kind, const std::string& wanted) {
  switch (kind) {
    case FileKind::jpeg:
    case FileKind::png:
    case FileKind::webp:
    case FileKind::heic:
    case FileKind::avif:
    case FileKind::tiff:
    case FileKind::bmp:
    case FileKind::gif:
    case FileKind::jpeg_xl:
    case FileKind::jpeg_2000:
    case FileKind::raw:
    case FileKind::psd:
    case FileKind::svg:
    case FileKind::icon:
    case FileKind::netpbm:
    case FileKind::exr:
    case FileKind::radiance:
    case FileKind::pfm:
      return "convert it to " + wanted;
    case FileKind::numpy:
      return "save what it holds as " + wanted + ", or give it as depth if it is that";
    case FileKind::pickle:
      return "reading one can run any code, so that none is read: save what it holds as " + wanted;
    case FileKind::hdf5:
      return "save the array in it as " + wanted + ", for instance with h5py";
    case FileKind::pdf:
      return "save what it shows as " + wanted;
    case FileKind::mp4:
    case FileKind::matroska:
    case FileKind::avi:
      return "save its frames as " + wanted + ", for instance with ffmpeg";
    case FileKind::zip:
    case FileKind::gzip:
    case FileKind::archive:
      return "unpack it";
    case FileKind::recording:
      return "make files of its messages with depthcloud replay";
    case FileKind::git_lfs_pointer:
      return "run 'git lfs pull' where it lies";
    case FileKind::html:
    case FileKind::xml:
      return "a server may have sent it in place of the file: download that again";
    case FileKind::json:
      return "if a server sent it in place of the file, download that again";
    case FileKind::ply:
    case FileKind::pcd:
      return "it holds points already: depthcloud convert makes another file of it";
    default:
      return "";
  }
}

namespace {

std::string weights_advice(FileKind kind) {
  switch (kind) {
    case FileKind::pickle:
      return "take the publisher's .safetensors, or convert it with safetensors.torch.save_file in "
             "Python";
    case FileKind::npz:
    case FileKind::numpy:
    case FileKind::hdf5:
    case FileKind::onnx:
    case FileKind::gguf:
      return "take the publisher's .safetensors";
    case FileKind::text:  // "Entry not found"
      return advice(FileKind::html, "");
    case FileKind::empty:
      return "download it again";
    case FileKind::zip:
    case FileKind::gzip:
    case FileKind::archive:
    case FileKind::git_lfs_pointer:
    case FileKind::html:
    case FileKind::xml:
    case FileKind::json:
      return advice(kind, "");
    default:
      return "";
  }
}

std::string description(std::span<const std::uint8_t> start, FileKind kind,
                        const std::string& what_to_do) {
  std::string text = to_string(kind);
  if (kind == FileKind::unknown) {
    text += " (it starts with";
    for (const std::uint8_t byte : start.first(std::min<std::size_t>(start.size(), 4))) {
      text += fmt::format(" {:02x}", byte);
    }
    text += ")";
  }
  return what_to_do.empty() ? text : text + ": " + what_to_do;
}

}  // namespace

std::string describe_file(std::span<const std::uint8_t> start, const std::string& wanted) {
  const FileKind kind = file_kind(start);
  return description(start, kind, advice(kind, wanted));
}

std::string describe_no_weights(std::span<const std::uint8_t> start) {
  const FileKind kind = file_kind(start);
  return description(start, kind, weights_advice(kind));
}

}  // namespace depthcloud
