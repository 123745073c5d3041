#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rectify/base/thread_pool.h"
#include "rectify/model/model.h"
#include "rectify/run/profile.h"

namespace rectify::lab {

struct ProfileOptions {
  std::int64_t batch = 128;
  bool training = true;            ///< steps with plain SGD; otherwise inference
  std::string precision = "fp32";  ///< of products: fp32, bf16
  double seconds = 1;              ///< of steps that are timed
};

struct Profile {
  std::vector<run::StepProfile> steps;
  std::int64_t runs = 0;
  double seconds = 0;  ///< of all runs, with what lies between the steps
};

/// Times the steps of the model's plan on random samples. The parameters change in training.
/// Throws Error for a batch below 1 and a precision that the processor has not.
Profile profile(model::Model& model, const ProfileOptions& options, ThreadPool& threads);

}  // namespace rectify::lab
