# SPDX-License-Identifier: Apache-2.0
# cmake -DPAGES=DIR -DOUT=STEM -P embed_pages.cmake: writes STEM.S, which holds every file of DIR, and
# STEM.cpp, which defines server::built_in_pages().
file(GLOB_RECURSE files RELATIVE ${PAGES} ${PAGES}/*)
set(assembly "// Made by embed_pages.cmake.\n#if defined(__ELF__)\n.section .note.GNU-stack,\"\",%progbits\n.section .rodata\n#else\n.const\n#endif\n")
set(declarations "")
set(rows "")
set(i 0)
foreach(file IN LISTS files)
  foreach(symbol depthcloud_page_${i} depthcloud_page_${i}_end)
    string(APPEND declarations "extern const char ${symbol}[];\n")
  endforeach()
  string(APPEND assembly
         ".globl PREFIX(depthcloud_page_${i})\nPREFIX(depthcloud_page_${i}):\n"
         ".incbin \"${PAGES}/${file}\"\n"
         ".globl PREFIX(depthcloud_page_${i}_end)\nPREFIX(depthcloud_page_${i}_end):\n.byte 0\n")
  string(APPEND rows "      {\"/${file}\", between(depthcloud_page_${i}, depthcloud_page_${i}_end)},\n")
  math(EXPR i "${i} + 1")
endforeach()
file(WRITE ${OUT}.S
     "#if defined(__APPLE__)\n#define PREFIX(name) _##name\n#else\n#define PREFIX(name) name\n#endif\n"
     "${assembly}")
file(WRITE ${OUT}.cpp
     "// Made by embed_pages.cmake.\n#include \"built_in_pages.hpp\"\n\nextern \"C\" {\n${declarations}}\n\n"
     "namespace server {\nnamespace {\n\nstd::string_view between(const char* begin, const char* end) {\n"
     "  return {begin, static_cast<std::size_t>(end - begin)};\n}\n\n}  // namespace\n\n"
     "std::span<const BuiltInPage> built_in_pages() {\n  static const BuiltInPage pages[] = {\n${rows}  };\n"
     "  return pages;\n}\n\n}  // namespace server\n")
