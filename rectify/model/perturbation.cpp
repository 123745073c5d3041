#include "rectify/model/perturbation.h"

#include <algorithm>
#include <limits>

#include "rectify/base/error.h"

namespace rectify::model {

Perturbation::Perturbation(const data::Dataset& dataset, double eps) {
  constexpr double infinity = std::numeric_limits<double>::infinity(), white = 255;
  if (dataset.ids)
    fail("samples of ", dataset.spec, " are ids, which cannot be changed by ", eps,
         "; certificates are for data of numbers");
  if (!(eps >= 0))
    fail("samples of ", dataset.spec, " cannot be changed by up to ", eps,
         "; give a size that is 0 or more");
  const bool bytes = !dataset.train.bytes.empty() || !dataset.test.bytes.empty();
  radius_ = bytes ? eps * white : eps;
  low_ = bytes ? 0 : -infinity;
  high_ = bytes ? white : infinity;
}

void Perturbation::check_within_range() const {
  if (radius_ > high_ - low_)
    fail("a change of ", radius_ / (high_ - low_),
         " is more than an image's whole range, of which "
         "it is a share: 8 of 255 is 0.0314");
}

std::pair<double, double> Perturbation::range(double stored) const {
  return {std::max(stored - radius_, low_), std::min(stored + radius_, high_)};
}

void Perturbation::put_box(std::span<const float> normalised,
                           std::span<const data::Scaling> scalings, float* centre,
                           float* radius) const {
  for (std::size_t i = 0; i < normalised.size(); ++i) {
    const data::Scaling& scaling = scalings[i % scalings.size()];
    const double mean = scaling.mean, scale = scaling.scale, x = normalised[i];
    // Without a division: a constant feature has the scale 0, and stays as it is.
    const double low = std::max(x - radius_ * scale, (low_ - mean) * scale);
    const double high = std::min(x + radius_ * scale, (high_ - mean) * scale);
    const bool changes = scale > 0 && low <= high;
    centre[i] = static_cast<float>(changes ? (low + high) / 2 : x);
    radius[i] = static_cast<float>(changes ? (high - low) / 2 : 0);
  }
}

}  // namespace rectify::model
