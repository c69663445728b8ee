# SPDX-License-Identifier: Apache-2.0
# `cmake --build build --target docs`: the C++ and the C API as HTML in build/docs/html. A comment that
# Doxygen does not understand, or a link that leads nowhere, fails the target.
find_package(Doxygen QUIET)
if(NOT DOXYGEN_FOUND)
  message(STATUS "No target docs: 'apt-get install doxygen' (Debian, Ubuntu) or 'brew install doxygen'")
  return()
endif()
set(DOXYGEN_PROJECT_NAME depthcloud)
set(DOXYGEN_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/docs)
set(DOXYGEN_STRIP_FROM_INC_PATH ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/capi/include)
set(DOXYGEN_STRIP_FROM_PATH ${PROJECT_SOURCE_DIR})
set(DOXYGEN_EXTRACT_ALL YES)
set(DOXYGEN_JAVADOC_AUTOBRIEF YES)
set(DOXYGEN_OPTIMIZE_OUTPUT_FOR_C NO)
set(DOXYGEN_GENERATE_LATEX NO)
set(DOXYGEN_HAVE_DOT NO)
set(DOXYGEN_QUIET YES)
set(DOXYGEN_MACRO_EXPANSION YES)
set(DOXYGEN_EXPAND_ONLY_PREDEF YES)
set(DOXYGEN_PREDEFINED "DCL_API=" "__cplusplus")
set(DOXYGEN_EXCLUDE_SYMBOLS "depthcloud::detail")
set(DOXYGEN_WARN_AS_ERROR FAIL_ON_WARNINGS)
doxygen_add_docs(docs ${PROJECT_SOURCE_DIR}/include/depthcloud
                 ${PROJECT_SOURCE_DIR}/capi/include/depthcloud
                 COMMENT "Writing the API reference")
