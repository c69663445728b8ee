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
depthcloud_pkg(depthcloud_dep::zlib zlib zlib1g-dev zlib)
include(OptionalLibraries)

set(depthcloud_gstreamer_modules "gstreamer-1.0>=1.22 gstreamer-app-1.0 gstreamer-video-1.0 gstreamer-codecparsers-1.0")
set(depthcloud_gstreamer_webrtc_modules "gstreamer-webrtc-1.0 gstreamer-sdp-1.0")
if(DEPTHCLOUD_VIDEO)
  # It brings the development packages of the others along.
  depthcloud_pkg(depthcloud_dep::gstreamer "${depthcloud_gstreamer_modules}" libgstreamer-plugins-bad1.0-dev
                 gstreamer OPTIONAL)
  depthcloud_pkg(depthcloud_dep::gstreamer_webrtc "${depthcloud_gstreamer_webrtc_modules}"
                 libgstreamer-plugins-bad1.0-dev gstreamer OPTIONAL)
endif()

if(DEPTHCLOUD_FETCH)
  depthcloud_pkg(depthcloud_dep::curl "libcurl>=7.85 libcrypto" "libcurl4-openssl-dev libssl-dev" "curl openssl"
                 OPTIONAL)
endif()

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
