#include "rectify/verify/lipschitz.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "rectify/base/random.h"
#include "rectify/verify/box.h"
#include "rectify/verify/branch.h"
#include "rectify/verify/falsify.h"
#include "rectify/verify/slopes.h"

namespace rectify::verify {

namespace {

/// How near a bound has to be to what was found, as a share of it.
constexpr double near_steepest = 1e-2;
/// Drawn inputs, and numbers in them at most; and steps that go up from the steepest of them.
constexpr std::size_t drawn_slopes = 2000, drawn_slope_numbers = std::size_t{1} << 20,
                      climbing_tries = 400;

/// The norm of slopes that belongs to a norm of inputs.
double slope_norm(std::span<const double> slopes, Norm norm) {
  double sum = 0;
  for (const double slope : slopes) sum += norm == Norm::inf ? std::abs(slope) : slope * slope;
  return norm == Norm::inf ? sum : std::sqrt(sum);
}

/// The norm of an output's slopes, times -1.
class NegativeSteepness : public PartBound {
 public:
  NegativeSteepness(const Structure& structure, const SlopeNetwork& slopes,
                    std::vector<double> coefficients, Norm norm)
      : bounder_(structure, slopes),
        coefficients_(std::move(coefficients)),
        direction_(structure.network.inputs(), 1.0),
        inputs_(structure.network.inputs()),
        norm_(norm) {
    std::iota(inputs_.begin(), inputs_.end(), 0u);
  }

  double least(Bounder&, const Ranges& ranges) override {
    bounder_.narrow(ranges, coefficients_);
    std::vector<double> largest;
    for (const activation::Interval& slope : bounder_.slopes(inputs_))
      largest.push_back(std::max(std::abs(slope.low), std::abs(slope.high)));
    // More than the roundings of the sum.
    return -slope_norm(largest, norm_) * (1 + 0x1p-50 * static_cast<double>(inputs_.size()));
  }
  void estimate(std::span<double> scores) override { bounder_.estimate(direction_, scores); }

 private:
  SlopeBounder bounder_;
  std::vector<double> coefficients_, direction_;
  std::vector<std::uint32_t> inputs_;
  Norm norm_;
};

/// Looks for inputs at which an output is steep.
class SteepestSearch {
 public:
  SteepestSearch(const Network& network, const Box& box, std::size_t output, Norm norm)
      : network_(network), box_(box), coefficients_(network.outputs()), norm_(norm) {
    coefficients_[output] = 1;
  }

  void see(std::span<const double> x) {
    const std::vector<float> rounded = rounded_into(box_, x);
    const double here = slope_norm(
        slopes_at(network_, std::vector<double>(rounded.begin(), rounded.end()), coefficients_),
        norm_);
    if (at_.empty() || here > best_) best_ = here, at_ = rounded;
  }

  /// Draws inputs, and then changes the steepest again and again.
  void draw(std::uint64_t seed, const Deadline& deadline, double share) {
    const std::size_t inputs = network_.inputs();
    const Random random(seed, 0x11b5);
    std::uint64_t next = 0;
    std::vector<double> x(inputs);
    const auto drawn = [&](std::size_t i) {
      return box_.lower[i] + random.uniform(next++) * (double{box_.upper[i]} - box_.lower[i]);
    };
    const std::size_t count = std::min(drawn_slopes, 16 + drawn_slope_numbers / inputs);
    for (std::size_t n = 0; n < count && !deadline.has_passed(share); ++n) {
      for (std::size_t i = 0; i < inputs; ++i) x[i] = drawn(i);
      see(x);
    }
    for (std::size_t n = 0; n < climbing_tries && !deadline.has_passed(share); ++n) {
      const double reach = std::pow(0.5, 1 + 8 * random.uniform(next++));
      for (std::size_t i = 0; i < inputs; ++i) x[i] = (1 - reach) * at_[i] + reach * drawn(i);
      see(x);
    }
  }

  const std::vector<double>& coefficients() const { return coefficients_; }
  double best() const { return best_; }
  const std::vector<float>& at() const { return at_; }

 private:
  const Network& network_;
  FloatBox box_;
  std::vector<double> coefficients_;
  Norm norm_;
  double best_ = 0;
  std::vector<float> at_;
};

}  // namespace

Lipschitz lipschitz(const model::Predictor& predictor, const Box& box, Norm norm,
                    const Limits& limits) {
  const Deadline deadline(limits);
  const Network network = network_of(predictor);
  const Structure structure(network);
  const SlopeNetwork slopes(network);
  const Box rounded = with_rounded_ends(box);
  Bounder bounder(structure);
  narrowed(bounder, structure, box);
  Lipschitz all;
  all.tight = true;
  for (std::size_t o = 0; o < network.outputs(); ++o) {
    const Limits share = deadline.share(network.outputs() - o);
    const Deadline end(share);
    SteepestSearch search(network, box, o, norm);
    search.draw(limits.seed, end, 0.3);
    const auto enough = [&] { return -search.best() * (1 + near_steepest); };
    const BranchGoal goal{[&] {
                            return std::make_unique<NegativeSteepness>(structure, slopes,
                                                                       search.coefficients(), norm);
                          },
                          false, enough(),
                          [&](const BoxPart& part, double& until) {
                            search.see(part.x);
                            until = enough();
                            return false;
                          }};
    const Branched found = branch(structure, rounded, goal, share, end);
    all.sub_problems += found.sub_problems, all.tight = all.tight && found.reached;
    all.outputs.push_back({-found.lower, search.best(), search.at()});
  }
  all.seconds = deadline.seconds();
  return all;
}

}  // namespace rectify::verify
