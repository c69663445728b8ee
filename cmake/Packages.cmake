# SPDX-License-Identifier: Apache-2.0
# `cpack -G DEB` in the build folder: the packages of Install.cmake's components.
set(CPACK_PACKAGE_NAME depthcloud)
set(CPACK_PACKAGE_VENDOR "depthcloud")
set(CPACK_PACKAGE_CONTACT "depthcloud maintainers <depthcloud@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_COMPONENTS_ALL ${depthcloud_packages})
set(CPACK_STRIP_FILES ON)
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/cmake/PackageEnvironment.cmake)
set(CPACK_DEPTHCLOUD_SOURCE_DIR ${PROJECT_SOURCE_DIR})
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEB_COMPONENT_INSTALL ON)
# The libraries that ours is linked with are read from it; ours is found in the build folder.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME ${depthcloud_package_runtime})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_NETWORKS_PACKAGE_NAME ${depthcloud_package_networks})
set(CPACK_DEBIAN_NETWORKS_PACKAGE_SECTION libs)
if(DEPTHCLOUD_TORCH)
  # Which the libraries and programs open at run time.
  set(networks "${depthcloud_package_networks} (= ${PROJECT_VERSION})")
  set(CPACK_DEBIAN_RUNTIME_PACKAGE_RECOMMENDS "${networks}")
  set(CPACK_DEBIAN_TOOLS_PACKAGE_DEPENDS "${networks}")
endif()
set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME ${depthcloud_package_tools})
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION graphics)
set(CPACK_DEBIAN_DEV_PACKAGE_NAME ${depthcloud_package_dev})
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_SHLIBDEPS OFF)
# What the static libraries are linked with.
set(dev_depends
    ${depthcloud_package_runtime} "libexif-dev" "libfmt-dev" "libhwy-dev" "libjpeg62-turbo-dev"
    "libpng-dev" "libzstd-dev" "zlib1g-dev" ${depthcloud_optional_packages})
if(DEPTHCLOUD_TORCH)
  list(APPEND dev_depends libtorch-dev)
endif()
list(JOIN dev_depends ", " CPACK_DEBIAN_DEV_PACKAGE_DEPENDS)
include(CPack)
