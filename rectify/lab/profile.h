#pragma once

#include <cstdint>
#include <vector>

#include "rectify/base/thread_pool.h"
#include "rectify/data/dataset.h"
#include "rectify/model/model.h"
#include "rectify/run/profile.h"
#include "rectify/train/options.h"

namespace rectify::lab {

struct ProfileOptions {
  std::int64_t batch = 128;
  bool training = true;  ///< steps with plain SGD; otherwise inference
  train::Precision precision = train::Precision::fp32;  ///< of products
  train::Sparse sparse = train::Sparse::automatic;
  double seconds = 1;                   ///< of steps that are timed
  const data::Dataset* data = nullptr;  ///< whose training split is fed; null: random samples
};

struct Profile {
  std::vector<run::StepProfile> steps;
  std::int64_t runs = 0;
  double seconds = 0;  ///< of all runs, the time between steps included
};

/// Times the steps of the model's plan. With `training` the parameters change. On random samples
/// values may have other shares of zeros than on data, and products that leave them out other
/// times. Throws Error for a batch below 1, and for a precision that the processor lacks.
Profile profile(model::Model& model, const ProfileOptions& options, ThreadPool& threads);

}  // namespace rectify::lab
