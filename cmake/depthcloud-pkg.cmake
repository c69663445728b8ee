# SPDX-License-Identifier: Apache-2.0
# depthcloud_pkg(TARGET MODULE DEBIAN HOMEBREW [OPTIONAL]): imported target from pkg-config. MODULE may ask
# for a version, "libtiff-4>=4.5".
function(depthcloud_pkg target module debian homebrew)
  if(TARGET ${target})
    return()
  endif()
  string(MAKE_C_IDENTIFIER ${module} prefix)
  separate_arguments(modules UNIX_COMMAND "${module}")  # one, or several that belong together
  pkg_check_modules(${prefix} QUIET IMPORTED_TARGET GLOBAL ${modules})
  if(NOT ${prefix}_FOUND)
    set(packages "'apt-get install ${debian}' (Debian, Ubuntu) or 'brew install ${homebrew}' (macOS)")
    if(ARGN STREQUAL OPTIONAL)
      message(STATUS "depthcloud does without ${module}: ${packages}")
      return()
    endif()
    message(FATAL_ERROR "depthcloud needs ${module}: ${packages}")
  endif()
  add_library(${target} ALIAS PkgConfig::${prefix})
endfunction()
