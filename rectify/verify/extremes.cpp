#include "rectify/verify/extremes.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "rectify/base/random.h"
#include "rectify/verify/attack.h"
#include "rectify/verify/box.h"
#include "rectify/verify/branch.h"
#include "rectify/verify/slopes.h"

namespace rectify::verify {

namespace {

/// How near a bound has to be to what was found, as a share of the range.
constexpr double near_enough = 1e-3;
/// Drawn inputs that are gone down from, and steps.
constexpr std::size_t extreme_starts = 16, extreme_steps = 60;

/// The sum c y.
class OutputSum : public PartBound {
 public:
  explicit OutputSum(std::vector<double> coefficients) : coefficients_(std::move(coefficients)) {}

  double least(Bounder& bounder, const Ranges& ranges) override {
    bounder.bound(ranges, coefficients_, {}, bounds_);
    losses_.assign(bounder.losses().begin(), bounder.losses().end());
    return bounds_.lower[0];
  }
  void estimate(std::span<double> scores) override { std::ranges::copy(losses_, scores.begin()); }
  std::vector<double> guess(const Box& box) override {
    std::vector<double> x(box.lower.size());
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = bounds_.slopes[i] >= 0 ? box.lower[i] : box.upper[i];
    return x;
  }

 private:
  std::vector<double> coefficients_, losses_;
  LowerBounds bounds_;
};

/// Looks for inputs at which one output, times 1 or -1, is small, through the predictor.
class LeastOutput {
 public:
  LeastOutput(const model::Predictor& predictor, const Structure& structure, const Box& box,
              std::size_t output, double sign)
      : predictor_(predictor), structure_(structure), output_(output), sign_(sign), box_(box) {
    unsafe_.inputs = box;
    std::vector<double> coefficients(structure.network.outputs());
    coefficients[output] = sign;
    unsafe_.outputs.push_back({coefficients, 0});
  }

  const HalfSpace& half_space() const { return unsafe_.outputs.front(); }

  void descend_from_drawn(std::uint64_t seed, const Deadline& deadline) {
    Descent descent(structure_, unsafe_);
    const Random random(seed, static_cast<std::uint32_t>(output_));
    std::vector<double> shares(structure_.network.inputs(), 0.5);
    for (std::size_t n = 0; n < extreme_starts; ++n) {
      std::vector<double> x = descent.place(shares);
      see(x);
      descent.run(x, extreme_steps, 0.2);
      see(x);
      if (deadline.has_passed()) return;
      for (std::size_t i = 0; i < shares.size(); ++i)
        shares[i] = random.uniform(n * shares.size() + i);
    }
  }

  /// Takes an input, and goes down from it where it is nearly the best.
  void look_at(const std::vector<double>& x, double near) {
    if (sign_ * outputs_at(structure_.network, x)[output_] > best_ + near) return;
    see(x);
    Descent descent(structure_, unsafe_);
    std::vector<double> to = x;
    descent.run(to, 10, 0.02);
    see(to);
  }

  double best() const { return best_; }  ///< sign x output
  const std::vector<float>& at() const { return at_; }

 private:
  void see(const std::vector<double>& x) {
    const std::vector<float> rounded = rounded_into(box_, x);
    std::vector<float> y(predictor_.outputs());
    predictor_.run(rounded, y);
    const double value = sign_ * y[output_];
    if (at_.empty() || value < best_) best_ = value, at_ = rounded;
  }

  const model::Predictor& predictor_;
  const Structure& structure_;
  std::size_t output_;
  double sign_, best_ = std::numeric_limits<double>::infinity();
  Unsafe unsafe_;
  FloatBox box_;
  std::vector<float> at_;
};

/// All of the searches, and the proofs.
class ExtremesSearch {
 public:
  ExtremesSearch(const model::Predictor& predictor, const Box& box)
      : network_(network_of(predictor)),
        structure_(network_),
        slope_network_(network_),
        bounder_(structure_),
        ranges_(narrowed(bounder_, structure_, box)),
        box_(with_rounded_ends(box)) {
    for (std::size_t o = 0; o < network_.outputs(); ++o)
      for (const double sign : {1.0, -1.0})
        searches_.emplace_back(predictor, structure_, box, o, sign);
  }

  // First what is reached, then the proofs: a bound need not be better than that by much.
  Extremes run(const Limits& limits) {
    const Deadline deadline(limits);
    for (std::size_t k = 0; k < searches_.size(); ++k) {
      const Limits share = deadline.share(3 * searches_.size());
      searches_[k].descend_from_drawn(limits.seed, Deadline(share));
    }
    Extremes all;
    all.tight = true;
    std::vector<double> lower;
    for (std::size_t k = 0; k < searches_.size(); ++k) {
      const Branched found = prove(k, deadline.share(searches_.size() - k));
      all.sub_problems += found.sub_problems, all.tight = all.tight && found.reached;
      lower.push_back(found.lower);
    }
    for (std::size_t k = 0; k < searches_.size(); k += 2) {
      const LeastOutput &least = searches_[k], &greatest = searches_[k + 1];
      all.outputs.push_back({{lower[k], -lower[k + 1]},
                             static_cast<float>(least.best()),
                             static_cast<float>(-greatest.best()),
                             least.at(),
                             greatest.at()});
    }
    all.seconds = deadline.seconds();
    return all;
  }

 private:
  Branched prove(std::size_t k, const Limits& limits) {
    LeastOutput& search = searches_[k];
    const std::vector<double>& coefficients = search.half_space().coefficients;
    SlopeBounder slopes(structure_, slope_network_);
    slopes.narrow(ranges_, coefficients);
    const double off = 2 * output_errors(structure_, bounder_, slopes).single;
    const auto near = [&] {
      const double width = -searches_[k / 2 * 2].best() - searches_[k / 2 * 2 + 1].best();
      return std::max(near_enough * width, off);
    };
    const BranchGoal goal{[&] { return std::make_unique<OutputSum>(coefficients); }, false,
                          search.best() - near(),
                          [&](const BoxPart& part, double& enough) {
                            search.look_at(part.x, near());
                            enough = search.best() - near();
                            return false;
                          }};
    return branch(structure_, box_, goal, limits, Deadline(limits));
  }

  Network network_;
  Structure structure_;
  SlopeNetwork slope_network_;
  Bounder bounder_;
  Ranges ranges_;
  Box box_;
  std::vector<LeastOutput> searches_;
};

}  // namespace

Extremes output_extremes(const model::Predictor& predictor, const Box& box, const Limits& limits) {
  return ExtremesSearch(predictor, box).run(limits);
}

}  // namespace rectify::verify
