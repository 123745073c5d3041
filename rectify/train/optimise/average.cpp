#include "rectify/train/optimise/average.h"

#include <algorithm>

#include "rectify/train/optimise/sweep.h"

namespace rectify::train {

Average::Average(double decay, std::size_t floats, ThreadPool& threads)
    : decay_(decay), threads_(threads), values_(floats) {}

void Average::begin(const float* weights) { std::copy_n(weights, values_.size(), values_.data()); }

void Average::update(const float* weights, std::uint64_t step) {
  const auto t = static_cast<double>(step);
  const double keep = std::min(decay_, (1 + t) / (10 + t));
  blend(threads_, values_.data(), weights, values_.size(), static_cast<float>(keep),
        static_cast<float>(1 - keep));
}

}  // namespace rectify::train
