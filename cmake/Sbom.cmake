# SPDX-License-Identifier: Apache-2.0
# depthcloud.spdx.json in the build folder and in each Debian package: what is inside of them and what they
# are linked with (scripts/sbom.py). Debian's tools tell which package a file is of, on this machine.
if(CMAKE_CROSSCOMPILING)
  return()
endif()
find_program(DEPTHCLOUD_DPKG_QUERY dpkg-query)
find_program(DEPTHCLOUD_DPKG_VENDOR dpkg-vendor)
find_program(DEPTHCLOUD_SBOM_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
if(NOT DEPTHCLOUD_DPKG_QUERY OR NOT DEPTHCLOUD_DPKG_VENDOR OR NOT DEPTHCLOUD_SBOM_PYTHON)
  message(STATUS "No SBOM: it needs Debian's dpkg-dev and python3")
  return()
endif()

# Of the libraries whose headers hold code, the header that everything includes.
set(library_headers fmt/core.h hwy/highway.h msgpack.hpp nlohmann/json.hpp)
if(DEPTHCLOUD_TORCH AND EXISTS /usr/include/c10/macros/cmake_macros.h)
  # What LibTorch's own headers bring along, where it was built so.
  file(STRINGS /usr/include/c10/macros/cmake_macros.h torch_uses REGEX "^#define C10_USE_")
  foreach(library glog/logging gflags/gflags)
    cmake_path(GET library PARENT_PATH name)
    string(TOUPPER ${name} name)
    if(torch_uses MATCHES "C10_USE_${name}")
      list(APPEND library_headers ${library}.h)
    endif()
  endforeach()
endif()
set(cli_headers CLI/CLI.hpp)
set(server_headers boost/asio.hpp spdlog/spdlog.h)

set(sbom_targets "")
# depthcloud_sbom_package(COMPONENT [TARGETS T...] [HEADERS H...] [DEPENDS D...] [PAGES FILE])
function(depthcloud_sbom_package component)
  cmake_parse_arguments(arg "" PAGES "TARGETS;HEADERS;DEPENDS" ${ARGN})
  set(binaries "")
  foreach(target IN LISTS arg_TARGETS)
    if(TARGET ${target})
      list(APPEND sbom_targets ${target})
      list(APPEND binaries "\"$<TARGET_FILE:${target}>\"")
    endif()
  endforeach()
  list(TRANSFORM arg_HEADERS REPLACE "(.+)" "\"\\1\"")
  list(TRANSFORM arg_DEPENDS REPLACE "(.+)" "\"\\1\"")
  list(JOIN binaries ", " binaries)
  list(JOIN arg_HEADERS ", " headers)
  list(JOIN arg_DEPENDS ", " depends)
  string(
    APPEND sbom_packages
    "${separator}\n  {\"name\": \"${depthcloud_package_${component}}\", \"pages\": \"${arg_PAGES}\","
    " \"binaries\": [${binaries}], \"headers\": [${headers}], \"depends\": [${depends}]}")
  set(separator "," PARENT_SCOPE)
  set(sbom_packages "${sbom_packages}" PARENT_SCOPE)
  set(sbom_targets ${sbom_targets} PARENT_SCOPE)
endfunction()

depthcloud_sbom_package(runtime TARGETS depthcloud_c HEADERS ${library_headers})
if(DEPTHCLOUD_TORCH)
  depthcloud_sbom_package(networks TARGETS depthcloud_torch HEADERS ${library_headers})
endif()
if(TARGET depthcloud_video)
  depthcloud_sbom_package(video TARGETS depthcloud_video_module HEADERS ${library_headers})
endif()
depthcloud_sbom_package(dev HEADERS ${library_headers} DEPENDS ${dev_depends})
set(pages "")
set(pages_target "")
set(tools_headers ${library_headers} ${cli_headers})
if(TARGET depthcloud_server)
  list(APPEND tools_headers ${server_headers})
  if(TARGET depthcloud_viewer)
    set(pages ${PROJECT_BINARY_DIR}/apps/viewer/dist.inputs.json)
    set(pages_target depthcloud_viewer)
  endif()
endif()
depthcloud_sbom_package(tools TARGETS depthcloud_cli depthcloud_server depthcloud_fetch_module HEADERS ${tools_headers} PAGES
                        "${pages}")

set(description ${PROJECT_BINARY_DIR}/sbom.json)
file(
  GENERATE
  OUTPUT ${description}
  CONTENT
    "{\"name\": \"${PROJECT_NAME}\", \"version\": \"${PROJECT_VERSION}\", \"source\": \"${PROJECT_SOURCE_DIR}\",
 \"compiler\": \"${CMAKE_CXX_COMPILER}\", \"lock\": \"${PROJECT_SOURCE_DIR}/apps/viewer/package-lock.json\",
 \"packages\": [${sbom_packages}]}
")
set(sbom ${PROJECT_BINARY_DIR}/depthcloud.spdx.json)
add_custom_command(
  OUTPUT ${sbom}
  COMMAND ${DEPTHCLOUD_SBOM_PYTHON} ${PROJECT_SOURCE_DIR}/scripts/sbom.py ${description} ${sbom}
  DEPENDS ${PROJECT_SOURCE_DIR}/scripts/sbom.py ${description} ${sbom_targets} ${pages} ${pages_target}
  COMMENT "Writing the SBOM"
  VERBATIM)
add_custom_target(sbom ALL DEPENDS ${sbom})
foreach(component IN LISTS depthcloud_packages)
  install(
    FILES ${sbom}
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${depthcloud_package_${component}}
    COMPONENT ${component}
    OPTIONAL)
endforeach()
