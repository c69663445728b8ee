// SPDX-License-Identifier: Apache-2.0
// The weights file as read-only data. An array in C++ of this size takes the compiler many seconds.
#ifdef __APPLE__
#define SYMBOL(name) _##name
  .section __TEXT,__const
  .private_extern SYMBOL(depthcloud_builtin_weights_begin)
  .private_extern SYMBOL(depthcloud_builtin_weights_end)
#else
#define SYMBOL(name) name
  .section .rodata
  .hidden SYMBOL(depthcloud_builtin_weights_begin)
  .hidden SYMBOL(depthcloud_builtin_weights_end)
#endif

  .globl SYMBOL(depthcloud_builtin_weights_begin)
  .globl SYMBOL(depthcloud_builtin_weights_end)
  .balign 16
SYMBOL(depthcloud_builtin_weights_begin):
  .incbin DEPTHCLOUD_BUILTIN_WEIGHTS
SYMBOL(depthcloud_builtin_weights_end):
  .byte 0

#ifdef __ELF__
  .section .note.GNU-stack, "", %progbits
#endif
