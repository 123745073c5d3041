#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rectify/verify/bounds.h"
#include "rectify/verify/deadline.h"
#include "rectify/verify/verify.h"

namespace rectify::verify {

/// A part of a box, in which some numbers are on known sides of their kinks.
struct BoxPart {
  Box box;
  std::vector<Decision> decisions;
  double lower = 0;       ///< the function is at least so much in the part
  std::vector<double> x;  ///< an input of the part, or one near it
  /// The axis along which next to nothing of the box is left; none.
  std::size_t thin_axis = static_cast<std::size_t>(-1);
};

/// A function of the inputs that can be bounded from below in a part of a box.
class PartBound {
 public:
  virtual ~PartBound() = default;
  /// A lower bound where the numbers of the network lie in `ranges`, which `bounder` has narrowed.
  virtual double least(Bounder& bounder, const Ranges& ranges) = 0;
  /// After least(), for each number of Ranges: how much the bound may gain where its side is known,
  /// as an estimate that decides what is divided first.
  virtual void estimate(std::span<double> scores) = 0;
  /// After least(): an input at which the function may be least; empty where there is no guess.
  virtual std::vector<double> guess(const Box& box) {
    (void)box;
    return {};
  }
};

/// What branch() is to bound.
struct BranchGoal {
  std::function<std::unique_ptr<PartBound>()> make;  ///< called once for each thread
  /// Whether parts do not matter of which decisions left next to nothing along an axis.
  bool skips_thin = false;
  double enough = 0;  ///< parts in which the bound reaches this are not divided any more
  /// Sees each new part, one after the other; may lower `enough`. True ends the search.
  std::function<bool(const BoxPart& part, double& enough)> look;
};

/// How far branch() got.
struct Branched {
  double lower = 0;      ///< the function is at least so much in the whole box
  bool reached = false;  ///< `enough`, everywhere
  bool ended = false;    ///< by `look`
  std::string why;       ///< where neither: a sentence
  std::size_t sub_problems = 0, leaves = 0, depth = 0;
  /// For each axis, how wide the parts that were skipped are along it, together.
  std::vector<double> skipped;
};

/// Bounds a function in a box from below, by dividing the part with the least bound again and
/// again: a number of the network is on one side of its kink or on the other, or a half of the box
/// or the other. Of a few such divisions that promise most, the one is taken whose worse part is
/// best. Does not depend on the number of threads, but for where time ends it.
Branched branch(const Structure& structure, const Box& box, BranchGoal goal, const Limits& limits,
                const Deadline& deadline);

}  // namespace rectify::verify
