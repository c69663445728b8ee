# SPDX-License-Identifier: Apache-2.0
# Every dependency is found, never fetched; a missing one is named with the package that holds it.

# depthcloud_find(PACKAGE DEBIAN HOMEBREW [find_package arguments])
macro(depthcloud_find package debian homebrew)
  # Torch's own file warns, QUIET or not, of static libraries that Debian does without.
  set(CMAKE_MESSAGE_LOG_LEVEL ERROR)
  find_package(${package} ${ARGN} QUIET)
  unset(CMAKE_MESSAGE_LOG_LEVEL)
  if(NOT ${package}_FOUND)
    message(
      FATAL_ERROR
        "depthcloud needs ${package}: 'apt-get install ${debian}' (Debian, Ubuntu) or 'brew install ${homebrew}' (macOS)"
    )
  endif()
endmacro()

find_package(PkgConfig QUIET)
if(NOT PkgConfig_FOUND)
  message(
    FATAL_ERROR "depthcloud needs pkg-config: 'apt-get install pkg-config' or 'brew install pkg-config'"
  )
endif()

include(depthcloud-pkg)
