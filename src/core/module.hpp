// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <depthcloud/error.hpp>
#include <depthcloud/log.hpp>

namespace depthcloud {

/// A shared object of this library, which holds what needs a large library of others and is opened
/// at its first use. The words are for messages.
struct Module {
  const char* file;      ///< its name, without the ".so"
  const char* variable;  ///< of the environment: names another file
  const char* entry;     ///< the function that it exports, an OpenFunction
  const char* contents;  ///< "networks"
  const char* need;      ///< "networks need"
  const char* remedy;    ///< what to do where the file is missing
  const char* without;   ///< what works all the same, after a semicolon; may be empty
};

/// Passes a line to the library's log. A shared object has its own log, which it forwards here.
using LogFunction = void (*)(LogLevel, std::string_view);

/// What a shared object exports: its interface, or nullptr for a library of another version.
using OpenFunction = const void* (*)(const char* version, LogFunction log);

/// Of a shared object that is opened: whether it is of the version of who opens it, to whose log
/// its lines go from now on.
bool joins(const char* version, LogFunction log);

/// Opens a shared object, which stays loaded, and returns its interface. It is looked for in
/// depthcloud-VERSION/ beside this library, beside the libraries of a program's prefix, where it
/// was installed, and where the program was linked to look. Throws Error{unavailable, stage load}
/// that names what is missing. Thread-safety: share freely.
const void* open_module(const Module& module);

/// Returns the message of the Error that `call` throws; empty: it throws none.
template <typename Call>
std::string obstacle_of(Call&& call) {
  try {
    call();
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace depthcloud
