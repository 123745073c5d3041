#pragma once

#include <vector>

#include "rectify/pretrain/rows.h"
#include "rectify/train/feed/feed.h"

namespace rectify::pretrain {

/// Feeds rows to the input "input" and, to an input "chain" where the graph has one, what stands in
/// `chain` for as many samples from the first on. All must outlive it.
class RowsFeed : public train::Feed {
 public:
  /// `chain` may be null for a graph without one.
  RowsFeed(const Rows& rows, ThreadPool& threads, const std::vector<float>* chain = nullptr)
      : rows_(rows), threads_(threads), chain_(chain) {}

  void fill(run::Plan& plan, const graph::Graph& graph,
            std::span<const std::uint32_t> samples) override;

 private:
  const Rows& rows_;
  ThreadPool& threads_;
  const std::vector<float>* chain_;
};

}  // namespace rectify::pretrain
