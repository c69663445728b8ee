# SPDX-License-Identifier: Apache-2.0
# What the libraries, tests and benchmarks depend on; each program finds what it alone needs.

include(Find)

depthcloud_find(Threads libc6-dev gcc)
depthcloud_find(fmt libfmt-dev fmt)
depthcloud_find(PNG libpng-dev libpng)
depthcloud_find(nlohmann_json nlohmann-json3-dev nlohmann-json)
# Its CMake package and target are called differently before version 5.
depthcloud_find(msgpack-cxx libmsgpack-cxx-dev msgpack-cxx NAMES msgpack-cxx msgpack)
if(NOT TARGET msgpack-cxx)
  add_library(msgpack-cxx ALIAS msgpackc-cxx)
endif()
depthcloud_pkg(depthcloud_dep::jpeg libjpeg libjpeg62-turbo-dev jpeg-turbo)
depthcloud_pkg(depthcloud_dep::exif libexif libexif-dev libexif)
depthcloud_pkg(depthcloud_dep::hwy libhwy libhwy-dev highway)
depthcloud_pkg(depthcloud_dep::zstd libzstd libzstd-dev zstd)

# What a build can do without: colour profiles, and formats of photos beside JPEG and PNG. A library that
# is not there, or not in DEPTHCLOUD_PHOTO_LIBRARIES, leaves its photos Error{unavailable}.
set(DEPTHCLOUD_PHOTO_LIBRARIES "lcms2;webp;heif;tiff" CACHE STRING
    "Optional libraries for photos that are looked for")
set(depthcloud_photo_libraries "")
set(depthcloud_photo_modules "")
set(depthcloud_photo_finds "")
set(depthcloud_photo_packages "")
# depthcloud_photo_library(NAME "MODULES" DEBIAN HOMEBREW)
macro(depthcloud_photo_library name modules debian homebrew)
  if(${name} IN_LIST DEPTHCLOUD_PHOTO_LIBRARIES)
    separate_arguments(depthcloud_modules UNIX_COMMAND "${modules}")
    # As depthcloud_pkg() calls it: the installed package refers to the target behind the alias.
    string(MAKE_C_IDENTIFIER "${modules}" depthcloud_prefix)
    pkg_check_modules(${depthcloud_prefix} QUIET IMPORTED_TARGET GLOBAL ${depthcloud_modules})
    if(${depthcloud_prefix}_FOUND)
      add_library(depthcloud_dep::${name} ALIAS PkgConfig::${depthcloud_prefix})
      list(APPEND depthcloud_photo_libraries ${name})
      list(APPEND depthcloud_photo_packages ${debian})
      string(APPEND depthcloud_photo_modules " ${modules}")
      string(APPEND depthcloud_photo_finds
             "\n  depthcloud_pkg(depthcloud_dep::${name} \"${modules}\" \"${debian}\" ${homebrew})")
    else()
      message(STATUS "Photos: no ${name}; 'apt-get install ${debian}' or 'brew install ${homebrew}' adds it")
    endif()
  endif()
endmacro()
depthcloud_photo_library(lcms2 "lcms2" "liblcms2-dev" little-cms2)
depthcloud_photo_library(webp "libwebp libwebpdemux" "libwebp-dev" webp)
depthcloud_photo_library(heif "libheif" "libheif-dev" libheif)
depthcloud_photo_library(tiff "libtiff-4>=4.5" "libtiff-dev" libtiff)
string(REPLACE ">=" " >= " depthcloud_photo_modules "${depthcloud_photo_modules}")

if(DEPTHCLOUD_TORCH)
  depthcloud_find(Torch libtorch-dev pytorch)
  # at::parallel_for is a template in LibTorch's headers: without OpenMP it has one thread.
  depthcloud_find(OpenMP g++ libomp COMPONENTS CXX)
endif()
if(DEPTHCLOUD_TRAINING OR DEPTHCLOUD_TESTS OR DEPTHCLOUD_BENCH)
  # The library reads JPEG through libjpeg; these also write it.
  depthcloud_pkg(depthcloud_dep::turbojpeg libturbojpeg libturbojpeg0-dev jpeg-turbo)
endif()
if(DEPTHCLOUD_TESTS)
  depthcloud_find(doctest doctest-dev doctest)
endif()
if(DEPTHCLOUD_BENCH)
  depthcloud_find(benchmark libbenchmark-dev google-benchmark)
endif()
