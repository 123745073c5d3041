#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rectify/model/evaluate.h"

namespace rectify::model {

/// What a network answers to samples, and what the answers mean.
struct Answers {
  std::size_t count = 0;
  std::size_t width = 0;       ///< outputs of a sample
  std::vector<float> outputs;  ///< count x width; of a regression in the units of its targets
  /// Of each sample: the likeliest class, by its number; -1 in regression, and for NaN.
  std::vector<std::int32_t> classes;

  std::span<const float> of(std::size_t sample) const {
    return std::span(outputs).subspan(sample * width, width);
  }
};

/// Answers the samples of `split` with these numbers; their labels or targets may be missing. The
/// answer to an image is the mean over its `views`. Weights of dense layers are kept as `weights`.
/// Throws Error for samples that do not fit.
///
///     const Answers answers = answer(model, split, all_samples(split.count), {}, threads);
Answers answer(Model& model, const data::Split& split, std::span<const std::uint32_t> samples,
               const Views& views, ThreadPool& threads,
               run::WeightPrecision weights = run::WeightPrecision::fp32);

}  // namespace rectify::model
