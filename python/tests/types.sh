#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The package and the programs of typed_use.py, by mypy; 77: it is missing. types.sh PYTHON CACHE
set -eu
cd "$(dirname "$0")/.."
mypy=$(command -v mypy) || {
  echo "skipped: mypy is missing"
  exit 77
}
"$1" -c "import numpy" 2>/dev/null || {
  echo "skipped: python3-numpy is missing"
  exit 77
}
exec "$mypy" --config-file pyproject.toml --python-executable "$1" --cache-dir "$2/mypy" depthcloud tests/typed_use.py
