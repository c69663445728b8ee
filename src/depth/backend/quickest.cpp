// SPDX-License-Identifier: Apache-2.0
#include "depth/backend/quickest.hpp"

#include <algorithm>
#include <vector>

namespace depthcloud {

std::size_t quickest(std::size_t count, double budget_ms,
                     const std::function<double(std::size_t candidate, int divisor)>& run) {
  // Attention grows with the square of the tokens: twice the work can take up to four times as
  // long.
  constexpr double growth = 4;
  std::size_t best = 0;
  double spent = 0;
  double last_round = 0;
  for (int divisor = 8; divisor >= 1 && spent + growth * last_round <= budget_ms; divisor /= 2) {
    std::vector<double> times;
    const double before = spent;
    for (std::size_t i = 0; i < count; ++i) {
      const double first = run(i, divisor);
      const double second = run(i, divisor);
      spent += first + second;
      times.push_back(std::min(first, second));
    }
    last_round = spent - before;
    best = static_cast<std::size_t>(std::min_element(times.begin(), times.end()) - times.begin());
  }
  return best;
}

}  // namespace depthcloud
