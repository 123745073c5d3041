#pragma once

#include <algorithm>
#include <chrono>

#include "rectify/base/error.h"
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
  /// Limits of a search that begins now, where so many share what is left of the time.
  Limits share(std::size_t searches) const {
    Limits limits = limits_;
    limits.seconds = std::max(0.0, limits.seconds - seconds()) / static_cast<double>(searches);
    return limits;
  }

  /// Whether this share of the time is over, or the caller asks to stop.
  bool has_passed(double share = 1) const {
    return seconds() > share * limits_.seconds || (limits_.stop && limits_.stop());
  }

  /// Tells how far a search is: the share of the whole that is proven, in [0, 1].
  void tell(double share, std::size_t open, std::size_t looked_at) const {
    if (!limits_.progress) return;
    const double left = share > 0 ? seconds() * (1 - share) / share : -1;
    limits_.progress({concat(looked_at, " sub-problems, ", open, " open"), share,
                      left >= 0 ? std::min(left, limits_.seconds - seconds()) : -1});
  }

 private:
  const Limits& limits_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace rectify::verify
