#pragma once

#include <span>
#include <utility>
#include <vector>

#include "rectify/data/dataset.h"

namespace rectify::model {

/// How far the numbers of a sample may be changed. Of images of 8 bits `eps` is a share of the
/// range, as papers have it: 0.1 is 25.5 of 255; and changed pixels stay between 0 and 255. Of
/// other data it is in the data's own units, and nothing is cut off.
///
///     const Perturbation change(dataset, 0.1);
///     const auto [lower, upper] = change.range(pixel);  // e.g. 0 and 30.5 around 5
class Perturbation {
 public:
  /// Throws Error for samples that are ids, which cannot be changed by little, and for an `eps`
  /// below 0 or that is no number.
  Perturbation(const data::Dataset& dataset, double eps);

  /// Throws Error for a change of an image's numbers that is more than all of their range.
  void check_within_range() const;

  /// In the stored units.
  double radius() const { return radius_; }
  std::pair<double, double> range(double stored) const;

  /// The same of normalised numbers, as a network takes them: centre and radius of each number's
  /// range. Feature i uses scaling i modulo their number.
  void put_box(std::span<const float> normalised, std::span<const data::Scaling> scalings,
               float* centre, float* radius) const;

 private:
  double radius_, low_, high_;
};

}  // namespace rectify::model
