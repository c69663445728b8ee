# SPDX-License-Identifier: Apache-2.0
# What every target of this project is compiled with.

# depthcloud_target(TARGET): C++20, warnings, the sanitizers of DEPTHCLOUD_SANITIZE.
function(depthcloud_target target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  set(warnings -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wimplicit-fallthrough)
  if(DEPTHCLOUD_WERROR)
    list(APPEND warnings -Werror)
  endif()
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:${warnings}>)
  if(DEPTHCLOUD_SANITIZE)
    set(sanitize -fsanitize=${DEPTHCLOUD_SANITIZE} -fno-omit-frame-pointer)
    if(DEPTHCLOUD_SANITIZE MATCHES undefined)
      list(APPEND sanitize -fno-sanitize-recover=undefined)
      if(DEPTHCLOUD_TORCH)
        # It asks for the type information of every class, and LibTorch keeps that of some to itself.
        list(APPEND sanitize -fno-sanitize=vptr)
      endif()
    endif()
    target_compile_options(${target} PRIVATE ${sanitize})
    target_link_options(${target} PUBLIC ${sanitize})
  endif()
endfunction()

# depthcloud_asio(TARGET): Boost's headers, of which Asio and Beast are used.
function(depthcloud_asio target)
  target_link_libraries(${target} PUBLIC Boost::headers)
  if(DEPTHCLOUD_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # AddressSanitizer's instrumentation hides from GCC that Boost's optionals are filled before they
    # are read; where Boost is inlined into our functions, the false warnings are ours.
    target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized)
  endif()
  if(DEPTHCLOUD_SANITIZE MATCHES thread)
    # ThreadSanitizer does not know fences. Asio's queues have mutexes, and its counters do without.
    target_compile_definitions(${target} PUBLIC BOOST_ASIO_DISABLE_FENCED_BLOCK
                                                BOOST_ASIO_DISABLE_STD_ATOMIC)
  endif()
endfunction()

# depthcloud_opens_modules(TARGET): it finds the shared objects of the networks, of video and of downloads at run
# time, which are built with it unless they are installed.
function(depthcloud_opens_modules target)
  foreach(module depthcloud_torch depthcloud_video_module depthcloud_fetch_module)
    if(TARGET ${module})
      add_dependencies(${target} ${module})
    endif()
  endforeach()
endfunction()
