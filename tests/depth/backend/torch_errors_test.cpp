// SPDX-License-Identifier: Apache-2.0
#include <new>
#include <stdexcept>

#include "torch_doctest.hpp"

#include "depth/backend/torch_errors.hpp"
#include "expect_error.hpp"

using depthcloud::Error;
using depthcloud::ErrorCode;
using depthcloud::Stage;
using depthcloud::with_torch_errors;

namespace {

template <typename Exception>
std::string translated(const Exception& exception) {
  return error_of(
      [&] { with_torch_errors(Stage::infer, ErrorCode::bad_model, [&] { throw exception; }); });
}

}  // namespace

TEST_SUITE("torch_errors") {
  TEST_CASE("a result passes through") {
    CHECK(with_torch_errors(Stage::infer, ErrorCode::internal, [] { return 7; }) == 7);
  }

  TEST_CASE("an Error passes as it is") {
    CHECK(translated(Error(ErrorCode::unsupported, Stage::load, "as it is")) ==
          "unsupported load: as it is");
  }

  TEST_CASE("exhausted memory is told apart") {
    CHECK(translated(std::bad_alloc()) == "out_of_memory infer: not enough memory");
    CHECK(error_of([] {
            with_torch_errors(Stage::infer, ErrorCode::internal,
                              [] { at::empty({1ll << 60}, at::kByte); });
          }).starts_with("out_of_memory infer: LibTorch: "));
    CHECK(translated(std::runtime_error("CUDA out of memory. Tried to allocate 2 GiB"))
              .starts_with("out_of_memory infer: "));
  }

  TEST_CASE("LibTorch's message becomes one line without a backtrace") {
    const std::string error = error_of([] {
      with_torch_errors(Stage::infer, ErrorCode::internal, [] {
        at::ones({2, 3}).matmul(at::ones({2, 3}));
      });
    });
    CHECK(error.starts_with("internal infer: LibTorch: mat1 and mat2"));
    CHECK_FALSE(contains(error, "\n"));
    CHECK_FALSE(contains(error, "Exception raised from"));
  }

  TEST_CASE("of a TorchScript traceback the reason is kept") {
    CHECK(translated(std::runtime_error(
              "The following operation failed in the TorchScript interpreter.\nTraceback of "
              "TorchScript (most recent call last):\n  line 2\n    <--- HERE\nRuntimeError: the "
              "reason\nmore\n")) == "bad_model infer: LibTorch: the reason");
  }

  TEST_CASE("what is no exception at all") {
    CHECK(translated(7) == "internal infer: an exception of unknown type");
  }
}
