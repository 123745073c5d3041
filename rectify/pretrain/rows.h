#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rectify/base/thread_pool.h"
#include "rectify/data/dataset.h"
#include "rectify/graph/graph.h"
#include "rectify/run/parameters.h"

namespace rectify::pretrain {

/// What a layer learns from: a row of numbers for each training sample, either the normalised
/// samples themselves or what the layers below make of them.
class Rows {
 public:
  /// The training split of a data set. Both must outlive it.
  Rows(const data::Dataset& dataset, const data::Normalisation& normalisation);
  /// Numbers in memory, `width` each.
  Rows(std::vector<float> numbers, std::size_t width);

  std::size_t width() const { return width_; }
  std::size_t count() const;

  /// Writes the rows of these samples to `to`, one after the other.
  void copy(std::span<const std::uint32_t> samples, float* to) const;
  std::vector<float> of(std::span<const std::uint32_t> samples) const;

  /// The mean of each column over these samples.
  std::vector<double> mean(std::span<const std::uint32_t> samples) const;

  struct Extent {
    double low, high;  ///< the smallest and the largest number
    double power;      ///< mean over the rows of the sum of the squares
  };
  Extent extent(std::span<const std::uint32_t> samples) const;

  /// What a network of one input makes of all rows.
  Rows through(const graph::Graph& network, const run::ParameterLayout& layout,
               const float* parameters, ThreadPool& threads) const;

 private:
  const data::Dataset* dataset_ = nullptr;
  const data::Normalisation* normalisation_ = nullptr;
  std::vector<float> numbers_;
  std::size_t width_;
};

}  // namespace rectify::pretrain
