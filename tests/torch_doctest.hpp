// SPDX-License-Identifier: Apache-2.0
#pragma once

// LibTorch brings glog's CHECK family along; doctest's is the one that tests mean.
#include <ATen/ATen.h>
#include <c10/util/Logging.h>
#include <torch/script.h>

#undef CHECK
#undef CHECK_EQ
#undef CHECK_GE
#undef CHECK_GT
#undef CHECK_LE
#undef CHECK_LT
#undef CHECK_NE

#include <doctest/doctest.h>
