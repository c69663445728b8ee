// SPDX-License-Identifier: Apache-2.0
#include "torch_doctest.hpp"

#include <cstdint>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Context.h>

#include "depth/nn/int8_linear.hpp"

using depthcloud::nn::Int8Linear;

namespace {

/// Of the largest magnitude of each row of the exact product.
double largest_error(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  const at::Tensor exact = at::linear(x, weight, bias);
  const at::Tensor error = (Int8Linear(weight, bias)(x) - exact).abs();
  return (error.amax(-1) / exact.abs().amax(-1)).max().item<double>();
}

}  // namespace

TEST_SUITE("int8_linear") {
  TEST_CASE("near the product in f32, for any leading sizes") {
    at::manual_seed(1);
    const at::Tensor weight = at::randn({96, 64});
    const at::Tensor bias = at::randn({96});
    for (const at::Tensor& x :
         {at::randn({5, 64}), at::randn({2, 3, 64}), at::randn({1, 1, 1, 64})}) {
      CHECK(Int8Linear(weight, bias)(x).sizes().vec() == at::linear(x, weight, bias).sizes().vec());
      CHECK(largest_error(x, weight, bias) < 0.02);
    }
  }

  TEST_CASE("large values of one token or of one output leave the others their accuracy") {
    at::manual_seed(2);
    const at::Tensor x = at::randn({8, 64});
    const at::Tensor weight = at::randn({96, 64});
    const at::Tensor bias = at::zeros({96});
    const at::Tensor result = Int8Linear(weight, bias)(x);
    at::Tensor scale = at::ones({8, 1});
    scale[3] = 1024;
    CHECK(at::allclose(Int8Linear(weight, bias)(x * scale), result * scale));
    scale = at::ones({96, 1});
    scale[5] = 1024;
    CHECK(at::allclose(Int8Linear(weight * scale, bias)(x), result * scale.t()));
  }

  TEST_CASE("one layer takes any number of tokens in turn, also none and ones that lie apart") {
    at::manual_seed(3);
    const at::Tensor weight = at::randn({32, 64});
    const at::Tensor bias = at::randn({32});
    const Int8Linear linear(weight, bias);
    CHECK(linear(at::zeros({0, 64})).sizes().vec() == std::vector<std::int64_t>{0, 32});
    for (const at::Tensor& x : {at::randn({5, 64}), at::randn({64, 7}).t(), at::randn({5, 64})}) {
      const at::Tensor exact = at::linear(x, weight, bias);
      CHECK(((linear(x) - exact).abs().max() / exact.abs().max()).item<double>() < 0.02);
    }
  }

  TEST_CASE("zeros give the bias") {
    const at::Tensor bias = at::arange(4, at::kFloat);
    const at::Tensor x = at::zeros({3, 8});
    CHECK(Int8Linear(at::ones({4, 8}), bias)(x).equal(bias.expand({3, 4})));
    CHECK(Int8Linear(at::zeros({4, 8}), bias)(at::ones({3, 8})).equal(bias.expand({3, 4})));
  }

  TEST_CASE("the process keeps its own engine of quantised arithmetic") {
    const at::QEngine before = at::globalContext().qEngine();
    Int8Linear(at::ones({4, 8}), at::ones({4}))(at::ones({3, 8}));
    CHECK((at::globalContext().qEngine() == before));
  }
}
