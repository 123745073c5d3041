#include "rectify/verify/extremes.h"

#include <algorithm>
#include <limits>

#include "rectify/base/random.h"
#include "rectify/verify/attack.h"
#include "rectify/verify/deadline.h"
#include "rectify/verify/slopes.h"

namespace rectify::verify {

namespace {

/// How near a bound has to be to what was found, as a share of the range.
constexpr double near_enough = 1e-3;
/// The least share of the way to what was found that is asked for.
constexpr double least_step = 1.0 / 32;
/// Drawn inputs that are gone down from, and steps.
constexpr std::size_t extreme_starts = 16, extreme_steps = 60;

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

  void descend_from_drawn(std::uint64_t seed, const Deadline& deadline) {
    Descent descent(structure_, unsafe_);
    const Random random(seed, static_cast<std::uint32_t>(output_));
    std::vector<double> shares(structure_.network.inputs(), 0.5);
    for (std::size_t n = 0; n < extreme_starts; ++n) {
      std::vector<double> x = descent.place(shares);
      see(descent.rounded(x));
      descent.run(x, extreme_steps, 0.2);
      see(descent.rounded(x));
      if (deadline.has_passed()) return;
      for (std::size_t i = 0; i < shares.size(); ++i)
        shares[i] = random.uniform(n * shares.size() + i);
    }
  }

  void see(const std::vector<float>& x) {
    std::vector<float> y(predictor_.outputs());
    predictor_.run(x, y);
    const double value = sign_ * y[output_];
    if (at_.empty() || value < best_) best_ = value, at_ = x;
  }

  const Unsafe& unsafe() const { return unsafe_; }
  double best() const { return best_; }  ///< sign x output
  const std::vector<float>& at() const { return at_; }

 private:
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
      : verifier_(predictor),
        network_(network_of(predictor)),
        structure_(network_),
        slope_network_(network_),
        bounder_(structure_),
        ranges_(narrowed(bounder_, structure_, box)) {
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
      lower.push_back(prove(k, deadline.share(searches_.size() - k), all));
      if (limits.progress) tell(limits, k + 1, deadline);
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
  /// The best bound of one output from below, or above, by questions to verify().
  double prove(std::size_t k, const Limits& limits, Extremes& all) {
    LeastOutput& search = searches_[k];
    Property question{{search.unsafe()}};
    HalfSpace& half = question.cases[0].outputs[0];
    LowerBounds root;
    bounder_.bound(ranges_, half.coefficients, {}, root);
    double proven = root.lower[0], step = 0.5;
    const Deadline deadline(limits);
    const double near = near_enough_of(k);
    while (search.best() - proven > near && step > least_step && !deadline.has_passed()) {
      const double gap = search.best() - proven;
      half.bound = proven + std::min(step * gap, gap - near / 2);
      Limits share = deadline.share(2);
      share.progress = {};
      const Verdict verdict = verifier_.verify(question, share);
      all.sub_problems += verdict.sub_problems;
      if (verdict.answer == Answer::holds) proven = half.bound, step = (1 + step) / 2;
      if (verdict.answer == Answer::violated) search.see(verdict.input);
      if (verdict.answer == Answer::unknown) step /= 2;
    }
    all.tight = all.tight && search.best() - proven <= near;
    return proven;
  }

  double near_enough_of(std::size_t k) {
    SlopeBounder slopes(structure_, slope_network_);
    slopes.narrow(ranges_, searches_[k].unsafe().outputs[0].coefficients);
    const std::size_t least = k / 2 * 2;
    const double width = -searches_[least].best() - searches_[least + 1].best();
    return std::max(near_enough * width, 4 * output_errors(structure_, bounder_, slopes).single);
  }

  void tell(const Limits& limits, std::size_t done, const Deadline& deadline) const {
    const double share = static_cast<double>(done) / static_cast<double>(searches_.size());
    limits.progress({concat(done, " of ", searches_.size(), " bounds"), share,
                     (limits.seconds - deadline.seconds()) * (1 - share)});
  }

  Verifier verifier_;
  Network network_;
  Structure structure_;
  SlopeNetwork slope_network_;
  Bounder bounder_;
  Ranges ranges_;
  std::vector<LeastOutput> searches_;
};

}  // namespace

Extremes output_extremes(const model::Predictor& predictor, const Box& box, const Limits& limits) {
  return ExtremesSearch(predictor, box).run(limits);
}

}  // namespace rectify::verify
