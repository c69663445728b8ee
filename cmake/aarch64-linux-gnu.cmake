# SPDX-License-Identifier: Apache-2.0
# Toolchain file: builds for aarch64 on a Debian machine of another kind and runs what it built under
# QEMU's user emulation. The libraries are those of arm64 that lie beside the machine's own (multi-arch),
# or those of an arm64 system in the folder CMAKE_SYSROOT.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64)
if(CMAKE_SYSROOT)
  list(APPEND CMAKE_CROSSCOMPILING_EMULATOR -L ${CMAKE_SYSROOT})
endif()
# pkg-config would name the libraries of the machine that builds.
set(ENV{PKG_CONFIG_SYSROOT_DIR} "${CMAKE_SYSROOT}")
set(ENV{PKG_CONFIG_LIBDIR}
    ${CMAKE_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${CMAKE_SYSROOT}/usr/share/pkgconfig)
# CPack would take the architecture of the machine that builds.
set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE arm64)
