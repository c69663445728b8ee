// SPDX-License-Identifier: Apache-2.0
#include "depth/moge/recover.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace depthcloud {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double tiny = std::numeric_limits<double>::min();

/// The residuals r at one shift, and their derivative J by it, as far as the method needs them.
struct Fit {
  double focal = 1;
  double jr = 0;  ///< J . r
  double jj = 0;  ///< J . J
};

class Problem {
 public:
  Problem(std::span<const PointSample> samples, const std::optional<double>& known_focal)
      : samples_(samples), known_focal_(known_focal) {}

  Fit fit(double shift) const {
    double pp = 0, pe = 0, ee = 0, pu = 0, eu = 0;
    for (const PointSample& sample : samples_) {
      const double z = sample.z + shift;
      const double px = sample.x / z;
      const double py = sample.y / z;
      const double ex = -px / z;  // the derivative of the projection
      const double ey = -py / z;
      pp += px * px + py * py;
      pe += px * ex + py * ey;
      ee += ex * ex + ey * ey;
      pu += px * sample.u + py * sample.v;
      eu += ex * sample.u + ey * sample.v;
    }
    Fit result;
    result.focal = known_focal_.value_or(pu / pp);
    const double f = result.focal;
    result.jr = f * (f * pe - eu);
    result.jj = f * f * ee;
    if (!known_focal_) {
      const double slope = (eu - 2 * f * pe) / pp;  // of the best focal length
      result.jj += slope * slope * pp + 2 * slope * f * pe;
    }
    return result;
  }

  /// r . r, summed as it is: an expansion in sums of products loses digits where the fit is good.
  double squared_residual(double shift, double focal) const {
    double sum = 0;
    for (const PointSample& sample : samples_) {
      const double z = sample.z + shift;
      const double x = focal * sample.x / z - sample.u;
      const double y = focal * sample.y / z - sample.v;
      sum += x * x + y * y;
    }
    return sum;
  }

 private:
  std::span<const PointSample> samples_;
  std::optional<double> known_focal_;
};

/// lmdif for one unknown; its comments name the variables of MINPACK where they differ.
class Search {
 public:
  explicit Search(const Problem& problem) : problem_(problem) {}

  double run() {
    while (!done_) {
      linearise();
      if (done_) break;
      while (!try_step()) continue;
    }
    return shift_;
  }

  std::vector<double> trials() && { return std::move(trials_); }

 private:
  static constexpr double function_tolerance = 1e-3;
  static constexpr double step_tolerance = 1e-8;
  static constexpr double gradient_tolerance = 1e-8;
  static constexpr double initial_bound = 100;
  static constexpr int max_evaluations = 200;

  void linearise() {
    const Fit fit = problem_.fit(shift_);
    norm_ = std::sqrt(problem_.squared_residual(shift_, fit.focal));
    ++evaluations_;
    r_ = std::sqrt(fit.jj);
    q_ = r_ != 0 ? fit.jr / r_ : 0;
    if (first_) {
      size_ = std::abs(shift_);
      bound_ = size_ != 0 ? initial_bound * size_ : initial_bound;
    }
    gradient_ = norm_ != 0 && r_ != 0 ? std::abs(q_ / norm_) : 0;
    done_ = gradient_ <= gradient_tolerance;
  }

  /// The step for the present bound (delta), and the damping (par) that brings it there: lmpar.
  double bounded_step() {
    constexpr double slack = 0.1;
    constexpr int most = 10;
    double step = r_ != 0 ? q_ / r_ : 0;
    double excess = std::abs(step) - bound_;
    if (excess <= slack * bound_) {
      damping_ = 0;
      return step;
    }
    const double jj = r_ * r_;
    double low = excess / bound_ * jj;
    double high = std::abs(r_ * q_) / bound_;
    if (high == 0) high = tiny / std::min(bound_, slack);
    damping_ = std::min(std::max(damping_, low), high);
    if (damping_ == 0) damping_ = std::abs(r_ * q_) / std::abs(step);
    for (int k = 1;; ++k) {
      if (damping_ == 0) damping_ = std::max(tiny, 0.001 * high);
      step = r_ * q_ / (jj + damping_);
      const double before = excess;
      excess = std::abs(step) - bound_;
      if (std::abs(excess) <= slack * bound_ || (low == 0 && excess <= before && before < 0) ||
          k == most) {
        return step;
      }
      const double correction = excess / bound_ * (jj + damping_);
      if (excess > 0) {
        low = std::max(low, damping_);
      } else if (excess < 0) {
        high = std::min(high, damping_);
      }
      damping_ = std::max(low, damping_ + correction);
    }
  }

  /// One trial; whether the place has changed or the search is over.
  bool try_step() {
    const double step = bounded_step();
    const double length = std::abs(step);
    if (first_) bound_ = std::min(bound_, length);
    const double trial = shift_ - step;
    trials_.push_back(trial);
    const double norm = std::sqrt(problem_.squared_residual(trial, problem_.fit(trial).focal));
    ++evaluations_;
    const double actual = 0.1 * norm < norm_ ? 1 - (norm / norm_) * (norm / norm_) : -1;
    const double linear = r_ * length / norm_;
    const double damped = std::sqrt(damping_) * length / norm_;
    const double predicted = linear * linear + 2 * damped * damped;
    const double slope = -(linear * linear + damped * damped);
    const double ratio = predicted != 0 ? actual / predicted : 0;
    if (ratio <= 0.25) {
      double shrink = actual >= 0 ? 0.5 : 0.5 * slope / (slope + 0.5 * actual);
      if (0.1 * norm >= norm_ || shrink < 0.1) shrink = 0.1;
      bound_ = shrink * std::min(bound_, 10 * length);
      damping_ /= shrink;
    } else if (damping_ == 0 || ratio >= 0.75) {
      bound_ = 2 * length;
      damping_ /= 2;
    }
    const bool accepted = ratio >= 1e-4;
    if (accepted) {
      shift_ = trial;
      norm_ = norm;
      first_ = false;
      size_ = std::abs(shift_);
    }
    const auto flat = [&](double tolerance) {
      return std::abs(actual) <= tolerance && predicted <= tolerance && ratio <= 2;
    };
    done_ = flat(function_tolerance) || bound_ <= step_tolerance * size_ ||
            evaluations_ >= max_evaluations || flat(epsilon) || bound_ <= epsilon * size_ ||
            gradient_ <= epsilon;
    return accepted || done_;
  }

  const Problem& problem_;
  std::vector<double> trials_;
  double shift_ = 0;
  double norm_ = 0;      ///< fnorm
  double r_ = 0;         ///< of the QR decomposition of J, one number
  double q_ = 0;         ///< qtf
  double gradient_ = 0;  ///< gnorm
  double bound_ = 0;     ///< delta
  double damping_ = 0;   ///< par
  double size_ = 0;      ///< xnorm
  int evaluations_ = 1;
  bool first_ = true;  ///< until a step is accepted
  bool done_ = false;
};

}  // namespace

FocalShift recover_focal_shift(std::span<const PointSample> samples,
                               const std::optional<double>& known_focal) {
  FocalShift result;
  result.focal = known_focal.value_or(1.0);
  if (samples.size() < 2) return result;
  const Problem problem(samples, known_focal);
  Search search(problem);
  result.shift = static_cast<float>(search.run());
  result.trials = std::move(search).trials();
  if (!known_focal) result.focal = problem.fit(result.shift).focal;
  return result;
}

}  // namespace depthcloud
