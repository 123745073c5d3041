#include "rectify/verify/box.h"

#include <limits>

#include "rectify/base/error.h"

namespace rectify::verify {

void check_box(const Box& box, std::size_t inputs) {
  if (box.lower.size() != inputs || box.upper.size() != inputs)
    fail("the box bounds ", box.lower.size(), " and ", box.upper.size(),
         " inputs from below and above, but the network takes ", inputs,
         "; give each input one bound of both kinds");
  for (std::size_t i = 0; i < inputs; ++i)
    if (!(box.lower[i] <= box.upper[i]))
      fail("the box has no number for input ", i, ": it is from ", box.lower[i], " to ",
           box.upper[i], "; the lower end must not be above the upper");
}

Box box_of(const data::Dataset& dataset) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const std::size_t features = dataset.features();
  Box box{std::vector<double>(features, infinity), std::vector<double>(features, -infinity)};
  bool is_bytes = false;
  for (const data::Split* split : {&dataset.train, &dataset.test}) {
    is_bytes = is_bytes || !split->bytes.empty();
    for (std::size_t i = 0; i < split->values.size(); ++i) {
      double &low = box.lower[i % features], &high = box.upper[i % features];
      low = std::min<double>(low, split->values[i]),
      high = std::max<double>(high, split->values[i]);
    }
  }
  if (is_bytes) box.lower.assign(features, 0.0), box.upper.assign(features, 255.0);
  if (is_empty(box))
    fail("'", dataset.spec, "' has no numbers that the box could be made of; give --box");
  return box;
}

}  // namespace rectify::verify
