#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "rectify/base/thread_pool.h"
#include "rectify/verify/bounds.h"
#include "rectify/verify/deadline.h"
#include "rectify/verify/falsify.h"
#include "rectify/verify/verify.h"

namespace rectify::verify {

/// A part of a box that is to be proven safe in some cases of the property.
struct SubBox {
  Box box;
  Ranges ranges;  ///< what holds in it
  std::vector<std::uint32_t> cases;
  std::uint32_t depth = 0;
  std::vector<Decision> decisions = {};
  double share = 1;        ///< of its root: halves at each split
  std::uint32_t part = 0;  ///< in the record
};

/// Proves cases of a property by halving boxes along the axis that matters most to the bound, until
/// each part is safe, an unsafe input is found, or the deadline has passed. Depth first, in batches
/// of a fixed size, so what it finds does not depend on the number of threads.
class InputSearch {
 public:
  InputSearch(const model::Predictor& predictor, const Structure& structure,
              const Property& property);

  /// Fills in the verdict.
  void run(const Limits& limits, const Deadline& deadline, Verdict& verdict);

 private:
  struct Result;
  std::vector<SubBox> roots() const;
  void examine(SubBox& part, Bounder& bounder, Result& result) const;
  LowerBounds bounds_of_case(const LowerBounds& all, std::size_t first, std::uint32_t at,
                             std::size_t decisions) const;
  void choose_split(const SubBox& part, const Bounder& bounder, std::span<const double> score,
                    std::span<const double> side, Result& result) const;
  bool attack_open_cases(std::uint64_t seed, std::size_t starts, const Deadline& deadline,
                         Verdict& verdict) const;
  bool descend(const std::vector<Result>& results, Verdict& verdict) const;
  std::size_t undecided(const Ranges& ranges) const;
  bool take(SubBox& part, Result& result, Verdict& verdict);
  void record_halves(SubBox& part, SubBox& other, const Result& result) const;
  bool report(std::uint32_t at, const std::vector<float>& input, Verdict& verdict) const;

  const model::Predictor& predictor_;
  const Network& network_;
  const Property& property_;
  const Structure& structure_;
  std::vector<SubBox> stack_;
  double undecided_gap_ = 0, proven_ = 0;  ///< proven: roots' shares
  bool has_undecided_ = false;
  Record* record_ = nullptr;
};

}  // namespace rectify::verify
