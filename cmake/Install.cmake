# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where, in five components: runtime, networks, video, dev, tools.
include(CMakePackageConfigHelpers)

set(depthcloud_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/depthcloud)
set(depthcloud_pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# depthcloud_install_library(TARGET COMPONENT): what find_package(depthcloud COMPONENTS COMPONENT) finds.
# One export set for each: who uses the C library needs the packages of no other.
function(depthcloud_install_library target component)
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${component})
  install(
    TARGETS ${target}
    EXPORT depthcloud-${component}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT dev
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runtime)
  install(
    EXPORT depthcloud-${component}
    FILE depthcloud-${component}-targets.cmake
    NAMESPACE depthcloud::
    DESTINATION ${depthcloud_cmake_dir}
    COMPONENT dev)
endfunction()

set(depthcloud_components core)
depthcloud_install_library(depthcloud_core core)
if(DEPTHCLOUD_TORCH)
  list(APPEND depthcloud_components depthcloud)
  depthcloud_install_library(depthcloud depthcloud)
  install(TARGETS depthcloud_torch LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/${depthcloud_module_folder}
                                           COMPONENT networks)
endif()
if(TARGET depthcloud_video)
  list(APPEND depthcloud_components video)
  depthcloud_install_library(depthcloud_video video)
  install(TARGETS depthcloud_video_module LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/${depthcloud_module_folder}
                                                  COMPONENT video)
endif()
if(TARGET depthcloud_fetch_module)
  install(TARGETS depthcloud_fetch_module LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/${depthcloud_module_folder}
                                                  COMPONENT tools)
endif()
install(
  DIRECTORY ${PROJECT_SOURCE_DIR}/include/depthcloud
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  COMPONENT dev)
set(pc_files depthcloud)
if(DEPTHCLOUD_C_API)
  list(APPEND depthcloud_components c)
  depthcloud_install_library(depthcloud_c c)
  install(
    FILES ${PROJECT_SOURCE_DIR}/capi/include/depthcloud/depthcloud.h
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/depthcloud
    COMPONENT dev)
  list(APPEND pc_files depthcloud-c)
endif()

foreach(program depthcloud_cli depthcloud_server)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tools)
  endif()
endforeach()

# The pkg-config files find their prefix from where they lie.
cmake_path(SET to_prefix ${CMAKE_INSTALL_PREFIX})
cmake_path(RELATIVE_PATH to_prefix BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX}/${depthcloud_pc_dir})
foreach(pc IN LISTS pc_files)
  configure_file(cmake/${pc}.pc.in ${PROJECT_BINARY_DIR}/${pc}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${pc}.pc DESTINATION ${depthcloud_pc_dir} COMPONENT dev)
endforeach()

set(depthcloud_video_webrtc OFF)
if(TARGET depthcloud_dep::gstreamer_webrtc)
  set(depthcloud_video_webrtc ON)
endif()
configure_package_config_file(
  cmake/depthcloud-config.cmake.in ${PROJECT_BINARY_DIR}/depthcloud-config.cmake
  INSTALL_DESTINATION ${depthcloud_cmake_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/depthcloud-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(
  FILES ${PROJECT_BINARY_DIR}/depthcloud-config.cmake
        ${PROJECT_BINARY_DIR}/depthcloud-config-version.cmake
        ${PROJECT_SOURCE_DIR}/cmake/depthcloud-pkg.cmake
  DESTINATION ${depthcloud_cmake_dir}
  COMPONENT dev)

# Each package carries the licences of all that is in it.
set(depthcloud_package_runtime libdepthcloud-c${abi_version})
set(depthcloud_package_networks libdepthcloud-networks)
set(depthcloud_package_video libdepthcloud-video)
set(depthcloud_package_dev libdepthcloud-dev)
set(depthcloud_package_tools depthcloud-tools)
set(depthcloud_packages runtime dev tools)
if(DEPTHCLOUD_TORCH)
  list(APPEND depthcloud_packages networks)
endif()
if(TARGET depthcloud_video)
  list(APPEND depthcloud_packages video)
endif()
foreach(component IN LISTS depthcloud_packages)
  set(doc ${CMAKE_INSTALL_DATADIR}/doc/${depthcloud_package_${component}})
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${doc} COMPONENT ${component} RENAME copyright)
  install(FILES ${PROJECT_SOURCE_DIR}/THIRD_PARTY_NOTICES DESTINATION ${doc} COMPONENT ${component})
endforeach()
