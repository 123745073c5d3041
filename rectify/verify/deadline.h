#pragma once

#include <chrono>

#include "rectify/verify/verify.h"

namespace rectify::verify {

/// When a search has to end.
class Deadline {
 public:
  explicit Deadline(const Limits& limits)
      : limits_(limits), start_(std::chrono::steady_clock::now()) {}

  double seconds() const {  ///< since the start
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  bool has_passed() const {
    return seconds() > limits_.seconds || (limits_.stop && limits_.stop());
  }

 private:
  const Limits& limits_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace rectify::verify
