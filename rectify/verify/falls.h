#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "rectify/verify/branch.h"
#include "rectify/verify/deadline.h"
#include "rectify/verify/falsify.h"
#include "rectify/verify/monotone.h"
#include "rectify/verify/network.h"

namespace rectify::verify {

/// Two inputs that differ in one feature alone, and the outputs.
struct Fall {
  std::vector<float> before, after;
  float output_before = 0, output_after = 0;
};

/// Looks for falls of an output along a feature.
class FallSearch {
 public:
  /// `double_error`: how far outputs_at() may be off anywhere in the box.
  FallSearch(const model::Predictor& predictor, const Network& network,
             const MonotoneQuestion& question, double double_error);

  /// Looks along the feature through drawn inputs, and goes down from those where the output rises
  /// least. The same for the same seed.
  std::optional<Fall> try_at_random(std::uint64_t seed, const Deadline& deadline) const;

  /// Looks along the feature through an input of a part, in the whole box, and through the middle
  /// of the part, in it alone.
  std::optional<Fall> try_at(const BoxPart& part) const;

 private:
  struct Pair {
    double low = 0, high = 0;  ///< of the feature
    double rise = 0;           ///< of the output, in float32
  };
  Pair least_rise(std::span<const float> x, double low, double high) const;
  std::optional<Fall> confirmed(std::span<const float> x, const Pair& pair) const;
  double rise_of(std::vector<double> x, const Pair& pair) const;
  void descend(std::vector<double>& x, const Pair& pair) const;

  const model::Predictor& predictor_;
  const Network& network_;
  const MonotoneQuestion& question_;
  FloatBox box_;
  double double_error_, sign_;
};

}  // namespace rectify::verify
