#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# abi_check.sh FOLDER: scripts/check-abi.sh tells changes of a small C library that old programs survive
# from those that break them.
set -euo pipefail
check=$(realpath "$(dirname "$0")/../../scripts/check-abi.sh")
rm -rf "$1"
mkdir -p "$1"
cd "$1"

# library NAME [HEADER_EDIT [BODY_EDIT]]: the library, edited by sed.
library() {
  mkdir -p "$1/include"
  sed "${2:-}" >"$1/include/lib.h" <<'END'
typedef struct dcl_model dcl_model;
typedef struct dcl_frozen { float x, y; } dcl_frozen;
typedef struct dcl_options { unsigned struct_size; int stride; } dcl_options;
enum { DCL_OK = 0, DCL_E_IO = -6 };
int dcl_open(dcl_model** model, const dcl_options* options);
void dcl_free(dcl_model* model, dcl_frozen* where);
END
  sed "${3:-}" >"$1/lib.c" <<'END'
#include "lib.h"
struct dcl_model { int hidden; };
int dcl_open(dcl_model** model, const dcl_options* options) { *model = 0; return options != 0; }
void dcl_free(dcl_model* model, dcl_frozen* where) { where->x = model ? model->hidden : 0; }
END
  gcc -g -shared -fPIC -I"$1/include" "$1/lib.c" -o "$1/lib.so"
}
# expect EXIT_CODE NAME [EDITS...]
expect() {
  local wanted=$1 name=$2 code=0
  library "${@:2}"
  "$check" --library "$PWD/$name/lib.so" --headers "$PWD/$name/include" --baseline "$PWD/base" \
    >"$name/log" 2>&1 || code=$?
  [ "$code" = "$wanted" ] || { echo "$name: exit code $code in place of $wanted"; cat "$name/log"; exit 1; }
}

library released
code=0
"$check" --write --library "$PWD/released/lib.so" --headers "$PWD/released/include" \
  --baseline "$PWD/base" || code=$?
[ "$code" = 0 ] || exit "$code"

expect 0 same
expect 0 hidden_struct_changed '' 's/int hidden/int more, hidden/'
expect 0 struct_grew 's/int stride;/& float more;/'
expect 0 function_added '$a int dcl_new(void);' '$a int dcl_new(void) { return 1; }'
grep -q 'dcl_new' function_added/log
expect 0 number_added 's/DCL_OK = 0/&, DCL_EMPTY = 3/'
grep -q 'DCL_EMPTY: new -> 3' number_added/log

expect 1 function_removed '/dcl_free/d' '/dcl_free/d'
expect 1 parameter_added 's/options);/options, int more);/' 's/options) {/options, int more) {/'
expect 1 member_inserted 's/int stride;/float more; &/'
expect 1 member_retyped 's/int stride;/float stride;/'
expect 1 retyped_and_grew 's/int stride;/float stride, more;/'
expect 1 frozen_struct_grew 's/x, y;/x, y, z;/'
expect 1 number_changed 's/-6/-7/'
expect 1 number_removed 's/, DCL_E_IO = -6//'

# Nothing to compare: symbols alone, no types, no baseline.
for flags in -g0 -g1; do
  gcc $flags -shared -fPIC -Isame/include same/lib.c -o same/lib.so
  code=0
  "$check" --library "$PWD/same/lib.so" --headers "$PWD/same/include" --baseline "$PWD/base" || code=$?
  [ "$code" = 77 ] || { echo "with $flags: exit code $code"; exit 1; }
done
code=0
"$check" --library "$PWD/released/lib.so" --baseline "$PWD/none" || code=$?
[ "$code" = 77 ] || { echo "without a baseline: exit code $code"; exit 1; }
