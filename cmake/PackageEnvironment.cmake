# SPDX-License-Identifier: Apache-2.0
# Read by cpack before it packs: the same sources give the same bytes, whoever packs them and when.

# Everything in a package carries one time: SOURCE_DATE_EPOCH, else that of the last commit. Without either
# it is the time of packing.
if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  execute_process(
    COMMAND git -C ${CPACK_DEPTHCLOUD_SOURCE_DIR} log -1 --format=%ct
    OUTPUT_VARIABLE commit_time
    OUTPUT_STRIP_TRAILING_WHITESPACE
    ERROR_QUIET)
  if(commit_time)
    set(ENV{SOURCE_DATE_EPOCH} ${commit_time})
  endif()
endif()

# cpack makes folders and members of packages with the permissions that the umask leaves.
execute_process(COMMAND sh -c umask OUTPUT_VARIABLE umask OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT umask MATCHES "^0*22$")
  message(FATAL_ERROR "packages are made with the umask 022, not ${umask}: (umask 022; cpack -G DEB)")
endif()
