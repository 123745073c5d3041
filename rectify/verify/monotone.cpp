#include "rectify/verify/monotone.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "rectify/base/error.h"
#include "rectify/verify/box.h"
#include "rectify/verify/branch.h"
#include "rectify/verify/falls.h"
#include "rectify/verify/slopes.h"

namespace rectify::verify {

namespace {

/// A slope that is below 0 by no more than this share of the steepest one counts as 0.
constexpr double tolerance = 1e-10;

/// How much the real network may fall at most, where its slope has not been proven: a line along
/// the feature that is moved by what was skipped along the other axes meets nothing that was
/// skipped there.
double left_open(const Box& box, std::size_t feature, const Branched& found,
                 std::span<const activation::Interval> slopes) {
  double sum = std::max(0.0, -found.lower) * (box.upper[feature] - box.lower[feature]);
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    const double steepest = std::max(std::abs(slopes[i].low), std::abs(slopes[i].high));
    sum += (i == feature ? 1 : 2) * steepest * found.skipped[i];
  }
  return sum;
}

/// The networks that bound slopes.
struct SlopeNetworks {
  explicit SlopeNetworks(const Network& network)
      : real(without_rounding(network)),
        structure(real),
        backward(real),
        forward(derivative_of(real)),
        forward_structure(forward) {}
  const Network real;
  const Structure structure;
  const SlopeNetwork backward;
  const Network forward;
  const Structure forward_structure;
};

/// The slope of c y in one feature.
class SlopeInFeature : public PartBound {
 public:
  SlopeInFeature(const SlopeNetworks& networks, std::vector<double> coefficients,
                 std::size_t feature)
      : networks_(networks),
        bounder_(networks.structure, networks.backward),
        forward_(networks.forward_structure),
        coefficients_(std::move(coefficients)),
        direction_(networks.real.inputs()),
        feature_(static_cast<std::uint32_t>(feature)) {
    direction_[feature] = 1;
    for (const double c : coefficients_) both_.push_back(c);
    for (const double c : coefficients_) both_.push_back(-c);
  }

  double least(Bounder&, const Ranges& ranges) override { return range(ranges).low; }
  void estimate(std::span<double> scores) override { bounder_.estimate(direction_, scores); }

  activation::Interval range(const Ranges& ranges) {
    bounder_.narrow(ranges, coefficients_);
    const activation::Interval backward = bounder_.slopes({&feature_, 1}).front();
    for (std::size_t l = 0; l < networks_.forward.layers.size(); ++l)
      if (networks_.forward.layers[l].kind == Kind::gate)
        forward_.set_factors(l, bounder_.factors()[l]);
    Ranges numbers = forward_.unknown();
    forward_.narrow({direction_, direction_}, numbers);
    LowerBounds bounds;
    forward_.bound(numbers, both_, {}, bounds);
    return {std::max(backward.low, bounds.lower[0]), std::min(backward.high, -bounds.lower[1])};
  }
  /// After range(): of all features.
  std::vector<activation::Interval> all() {
    std::vector<std::uint32_t> inputs(direction_.size());
    std::iota(inputs.begin(), inputs.end(), 0u);
    return bounder_.slopes(inputs);
  }
  const SlopeBounder& bounder() const { return bounder_; }

 private:
  const SlopeNetworks& networks_;
  SlopeBounder bounder_;
  Bounder forward_;
  std::vector<double> coefficients_, direction_, both_;
  std::uint32_t feature_;
};

/// The slope of c y in a feature if all that is added up had the same sign. Our own rounding is
/// relative to this.
double size_of_slope(const Network& network, std::span<const double> coefficients,
                     std::size_t feature) {
  std::vector<std::vector<double>> size;
  for (const Layer& layer : network.layers) size.emplace_back(layer.width);
  for (std::size_t o = 0; o < coefficients.size(); ++o) size.back()[o] = std::abs(coefficients[o]);
  for (std::size_t l = network.layers.size(); l-- > 1;) {
    const Layer& layer = network.layers[l];
    for (std::size_t i = 0; i < layer.width && layer.kind != Kind::affine; ++i)
      size[layer.source][i] += size[l][i] * (layer.curve ? layer.curve->steepest() : 1);
    for (const Layer::Term& term : layer.terms)
      for (std::size_t i = 0; i < term.matrix.in; ++i)
        term.matrix.each(
            i, [&](std::size_t o, double w) { size[term.from][i] += std::abs(w) * size[l][o]; });
  }
  return size.front()[feature];
}

void check_question(const model::Predictor& predictor, const MonotoneQuestion& question) {
  check_box(question.box, predictor.inputs());
  if (question.feature >= predictor.inputs())
    fail("there is no feature ", question.feature, "; the network takes ", predictor.inputs(),
         ", which are counted from 0");
  if (question.output >= predictor.outputs())
    fail("there is no output ", question.output, "; the network has ", predictor.outputs(),
         ", which are counted from 0");
  const FloatBox box(question.box);
  if (!(box.lower[question.feature] < box.upper[question.feature]))
    fail("feature ", question.feature, " has one value in the box, ", box.lower[question.feature],
         ", so nothing can rise; give it a range");
}

/// Makes the verdict `violated`.
void accept(Fall fall, MonotoneVerdict& verdict) {
  verdict.answer = Answer::violated;
  verdict.before = std::move(fall.before), verdict.after = std::move(fall.after);
  verdict.output_before = fall.output_before, verdict.output_after = fall.output_after;
}

/// What the search for a proof found. Where skipped parts may matter more than rounding does, it is
/// no proof.
void accept(const Branched& found, double rounding, double left, MonotoneVerdict& verdict) {
  verdict.sub_problems = found.sub_problems, verdict.leaves = found.leaves;
  verdict.depth = found.depth, verdict.why = found.why;
  if (found.reached && left <= rounding) {
    verdict.answer = Answer::holds, verdict.disorder = rounding + left;
  } else if (found.reached) {
    verdict.why = "some parts of the box are too thin to be divided further";
  }
}

}  // namespace

MonotoneVerdict monotone(const model::Predictor& predictor, const MonotoneQuestion& question,
                         const Limits& limits) {
  const Deadline deadline(limits);
  check_question(predictor, question);
  const Network network = network_of(predictor);
  const Structure structure(network);
  const SlopeNetworks slopes(network);
  std::vector<double> coefficients(network.outputs());
  coefficients[question.output] = question.decreasing ? -1 : 1;
  const auto make = [&] {
    return std::make_unique<SlopeInFeature>(slopes, coefficients, question.feature);
  };
  const Box box = with_rounded_ends(question.box);
  Bounder bounder(structure);
  const Ranges ranges = narrowed(bounder, structure, question.box);
  const auto whole = make();
  activation::Interval slope = whole->range(ranges);
  const OutputErrors errors = output_errors(structure, bounder, whole->bounder());

  MonotoneVerdict verdict;
  const FallSearch falls(predictor, network, question, errors.doubled);
  std::optional<Fall> fall = falls.try_at_random(limits.seed, deadline);
  if (!fall) {
    const double enough = -tolerance * std::max(std::abs(slope.low), std::abs(slope.high)) -
                          structure.share * size_of_slope(network, coefficients, question.feature);
    const auto look = [&](const BoxPart& part, double&) {
      if (part.lower < enough) fall = falls.try_at(part);
      return fall.has_value();
    };
    const Branched found =
        branch(slopes.structure, box, {make, true, enough, look}, limits, deadline);
    if (!fall) slope.low = std::max(slope.low, found.lower);
    accept(found, 2 * errors.single, left_open(box, question.feature, found, whole->all()),
           verdict);
  }
  if (fall) accept(std::move(*fall), verdict);
  verdict.slope = slope;
  if (question.decreasing) verdict.slope = {-slope.high, -slope.low};
  verdict.seconds = deadline.seconds();
  return verdict;
}

}  // namespace rectify::verify
