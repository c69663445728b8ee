// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "message.hpp"

namespace cli {

/// What is wrong with one file, whose name the message begins with.
class FileError : public std::runtime_error {
 public:
  FileError(const std::filesystem::path& file, const std::string& message)
      : std::runtime_error(file.string() + ": " + message) {}
};

/// Runs `work`; what it throws becomes a FileError of this file, unless it already names one.
template <typename Work>
auto with_file(const std::filesystem::path& file, Work&& work) {
  try {
    return work();
  } catch (const FileError&) {
    throw;
  } catch (const std::exception& error) {
    throw FileError(file, message(error));
  }
}

}  // namespace cli
