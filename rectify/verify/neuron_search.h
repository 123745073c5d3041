#pragma once

#include <optional>
#include <vector>

#include "rectify/base/thread_pool.h"
#include "rectify/verify/attack.h"
#include "rectify/verify/columns.h"
#include "rectify/verify/deadline.h"

namespace rectify::verify {

/// Proves cases of a property by deciding numbers: relus that may be on both sides of their kinks
/// are put on one side and on the other, until every sub-problem is safe. For networks of many
/// inputs, whose boxes cannot be halved along enough axes. Depth first, in batches of a fixed size,
/// so what it finds does not depend on the number of threads.
///
/// Of a case with several half spaces it proves that the outputs are outside of one, the same
/// everywhere.
class NeuronSearch {
 public:
  NeuronSearch(const model::Predictor& predictor, const Structure& structure,
               const Property& property);

  /// Fills in the verdict.
  void run(const Limits& limits, const Deadline& deadline, Verdict& verdict);

 private:
  class Tree;
  /// The half space of a case that outputs are nearest to being proven outside of.
  struct Best {
    std::size_t row;
    double gap;  ///< negative: proven
  };
  Best best_half_space(std::size_t at, Bounder& bounder, const Ranges& ranges) const;
  void remove_proven(const Bounder& bounder, const Ranges& ranges,
                     std::vector<std::size_t>& open) const;
  bool prove_all(std::vector<std::size_t> open, Bounder& bounder, Ranges& ranges,
                 ThreadPool& threads, const Limits& limits, const Deadline& deadline,
                 Verdict& verdict) const;

  const model::Predictor& predictor_;
  const Property& property_;
  const Structure& structure_;
  Record* record_ = nullptr;
};

}  // namespace rectify::verify
