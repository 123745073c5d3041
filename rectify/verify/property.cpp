#include "rectify/verify/property.h"

#include <cmath>

#include "rectify/base/error.h"
#include "rectify/verify/network.h"

namespace rectify::verify {

namespace {

void check_case(const Unsafe& unsafe, std::size_t at, std::size_t inputs, std::size_t outputs) {
  const Box& box = unsafe.inputs;
  if (box.lower.size() != inputs || box.upper.size() != inputs)
    fail("case ", at + 1, " of the property bounds ", box.lower.size(), " and ", box.upper.size(),
         " inputs from below and above, but the network takes ", inputs,
         "; give each input one bound of both kinds");
  for (std::size_t i = 0; i < inputs; ++i)
    if (!(std::abs(box.lower[i]) <= least_overflow) || !(std::abs(box.upper[i]) <= least_overflow))
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

void check_property(const Property& property, std::size_t inputs, std::size_t outputs) {
  for (std::size_t at = 0; at < property.cases.size(); ++at)
    check_case(property.cases[at], at, inputs, outputs);
}

}  // namespace rectify::verify
