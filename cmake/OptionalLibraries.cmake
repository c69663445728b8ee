# SPDX-License-Identifier: Apache-2.0
# Libraries that a build can do without: formats of photos beside JPEG and PNG, colour profiles, formats of
# depth, compressed clouds. What reads a file says which library is missing.
set(DEPTHCLOUD_OPTIONAL_LIBRARIES "exr;heif;lcms2;lzf;tiff;webp" CACHE STRING
    "Optional libraries that are looked for")
set(depthcloud_optional_libraries "")  # those that were found
set(depthcloud_optional_packages "")
set(depthcloud_optional_modules "")  # for depthcloud.pc
set(depthcloud_optional_finds "")  # for depthcloud-config.cmake

# depthcloud_optional(NAME "MODULES" DEBIAN HOMEBREW): the target depthcloud_dep::NAME, if it is found.
macro(depthcloud_optional name modules debian homebrew)
  if(${name} IN_LIST DEPTHCLOUD_OPTIONAL_LIBRARIES)
    depthcloud_pkg(depthcloud_dep::${name} "${modules}" ${debian} ${homebrew} OPTIONAL)
    if(TARGET depthcloud_dep::${name})
      list(APPEND depthcloud_optional_libraries ${name})
      list(APPEND depthcloud_optional_packages ${debian})
      string(APPEND depthcloud_optional_modules " ${modules}")
      string(APPEND depthcloud_optional_finds
             "\n  depthcloud_pkg(depthcloud_dep::${name} \"${modules}\" ${debian} ${homebrew})")
    endif()
  endif()
endmacro()

depthcloud_optional(exr "OpenEXR>=3.1" libopenexr-dev openexr)
depthcloud_optional(heif "libheif" libheif-dev libheif)
depthcloud_optional(lcms2 "lcms2" liblcms2-dev little-cms2)
depthcloud_optional(lzf "liblzf" liblzf-dev liblzf)
# before 4.5 it has no limit on memory, and complains on standard error
depthcloud_optional(tiff "libtiff-4>=4.5" libtiff-dev libtiff)
depthcloud_optional(webp "libwebp libwebpdemux" libwebp-dev webp)
string(REPLACE ">=" " >= " depthcloud_optional_modules "${depthcloud_optional_modules}")
