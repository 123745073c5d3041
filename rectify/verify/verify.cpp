#include "rectify/verify/verify.h"

#include <algorithm>

#include "rectify/verify/box.h"
#include "rectify/verify/falsify.h"
#include "rectify/verify/input_search.h"
#include "rectify/verify/neuron_search.h"

namespace rectify::verify {

namespace {

/// Inputs that are tried in each case before anything is bounded, and numbers in them at most.
constexpr std::size_t first_tries = 1024, first_numbers = 16384;
/// Boxes of more inputs are not halved, where numbers can be decided instead.
constexpr std::size_t few_inputs = 32;

/// Whether outputs are proven to be outside of one of the half spaces.
bool is_outside_of_one(const std::vector<HalfSpace>& outputs, Bounder& bounder,
                       const Ranges& ranges) {
  if (outputs.empty() || bounder.overflows()) return false;
  std::vector<double> coefficients;
  for (const HalfSpace& half : outputs)
    coefficients.insert(coefficients.end(), half.coefficients.begin(), half.coefficients.end());
  LowerBounds bounds;
  bounder.bound(ranges, coefficients, {}, bounds);
  for (std::size_t r = 0; r < outputs.size(); ++r)
    if (bounds.lower[r] > outputs[r].bound) return true;
  return false;
}

}  // namespace

struct Verifier::Parts {
  explicit Parts(const model::Predictor& predictor)
      : network(network_of(predictor)), structure(network) {}
  Network network;
  Structure structure;
};

Verifier::Verifier(const model::Predictor& predictor)
    : predictor_(predictor), parts_(std::make_unique<Parts>(predictor)) {}

Verifier::~Verifier() = default;

void Verifier::check(const Property& property) const {
  check_property(property, predictor_.inputs(), predictor_.outputs());
}

bool Verifier::holds_at_once(const Property& property) const {
  check(property);
  Bounder bounder(parts_->structure);
  Ranges ranges;
  const Box* box = nullptr;  // of the ranges
  bool is_reached = true;
  return std::ranges::all_of(property.cases, [&](const Unsafe& unsafe) {
    if (is_empty(unsafe.inputs)) return true;
    if (!box || box->lower != unsafe.inputs.lower || box->upper != unsafe.inputs.upper) {
      box = &unsafe.inputs;
      ranges = bounder.unknown();
      is_reached = bounder.narrow(with_rounded_ends(*box), ranges);
    }
    return !is_reached || is_outside_of_one(unsafe.outputs, bounder, ranges);
  });
}

Verdict Verifier::verify(const Property& property, const Limits& limits) const {
  const Deadline deadline(limits);
  Verdict verdict;
  check(property);
  const Structure& structure = parts_->structure;
  const std::size_t tries = std::min(first_tries, 1 + first_numbers / predictor_.inputs());
  for (std::size_t at = 0; at < property.cases.size() && verdict.answer != Answer::violated; ++at)
    if (auto found = try_at_random(predictor_, property, at, tries, limits.seed))
      accept(std::move(*found), verdict);
  if (verdict.answer == Answer::violated) {
    // Nothing is left to be proven.
  } else if (parts_->network.inputs() <= few_inputs || parts_->network.has_curves()) {
    InputSearch(predictor_, structure, property).run(limits, deadline, verdict);
  } else {
    NeuronSearch(predictor_, structure, property).run(limits, deadline, verdict);
  }
  verdict.seconds = deadline.seconds();
  return verdict;
}

Verdict verify(const model::Predictor& predictor, const Property& property, const Limits& limits) {
  return Verifier(predictor).verify(property, limits);
}

}  // namespace rectify::verify
