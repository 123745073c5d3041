#include "rectify/verify/verify.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/verify/falsify.h"
#include "rectify/verify/input_search.h"
#include "rectify/verify/neuron_search.h"

namespace rectify::verify {

namespace {

/// Inputs that are tried in each case before anything is bounded, and numbers in them at most.
constexpr std::size_t first_tries = 1024, first_numbers = 16384;
/// Boxes of more inputs are not halved.
constexpr std::size_t few_inputs = 32;

void check_case(const Unsafe& unsafe, std::size_t at, std::size_t inputs, std::size_t outputs) {
  const Box& box = unsafe.inputs;
  if (box.lower.size() != inputs || box.upper.size() != inputs)
    fail("case ", at + 1, " of the property bounds ", box.lower.size(), " and ", box.upper.size(),
         " inputs from below and above, but the network takes ", inputs,
         "; give each input one bound of both kinds");
  for (std::size_t i = 0; i < inputs; ++i)
    if (!(std::abs(box.lower[i]) <= 0x1p126) || !(std::abs(box.upper[i]) <= 0x1p126))
      fail("case ", at + 1, " of the property bounds input ", i, " by ", box.lower[i], " and ",
           box.upper[i], "; bounds must be numbers of at most 2^126, as the network's are");
  for (const HalfSpace& half : unsafe.outputs) {
    if (half.coefficients.size() != outputs)
      fail("case ", at + 1, " of the property has a half space of ", half.coefficients.size(),
           " outputs, but the network has ", outputs, "; give each output a coefficient");
    if (!std::isfinite(half.bound))
      fail("case ", at + 1, " of the property has the bound ", half.bound,
           "; a bound must be finite");
    for (const double c : half.coefficients)
      if (!std::isfinite(c))
        fail("case ", at + 1, " of the property has the coefficient ", c,
             "; coefficients must be finite");
  }
}

}  // namespace

Verdict verify(const model::Predictor& predictor, const Property& property, const Limits& limits) {
  const Deadline deadline(limits);
  Verdict verdict;
  for (std::size_t at = 0; at < property.cases.size(); ++at)
    check_case(property.cases[at], at, predictor.inputs(), predictor.outputs());
  const Network network = network_of(predictor);
  const std::size_t tries = std::min(first_tries, 1 + first_numbers / predictor.inputs());
  for (std::size_t at = 0; at < property.cases.size() && verdict.answer != Answer::violated; ++at)
    if (auto found = try_at_random(predictor, property, at, tries, limits.seed))
      accept(std::move(*found), verdict);
  if (verdict.answer == Answer::violated) {
    // Nothing is left to be proven.
  } else if (network.inputs() <= few_inputs) {
    InputSearch(predictor, network, property).run(limits, deadline, verdict);
  } else {
    NeuronSearch(predictor, network, property).run(limits, deadline, verdict);
  }
  verdict.seconds = deadline.seconds();
  return verdict;
}

}  // namespace rectify::verify
