#pragma once

#include <cstdint>
#include <span>

#include "rectify/graph/graph.h"
#include "rectify/run/plan.h"

namespace rectify::train {

/// Fills the inputs of a plan with batches of samples. What a sample is, only the feed knows: a
/// step and the loop pass its number on.
///
///     /// Two columns of noise, without targets.
///     class Noise : public Feed {
///      public:
///       void fill(run::Plan& plan, const graph::Graph& graph,
///                 std::span<const std::uint32_t> samples) override {
///         float* const input = plan.input(graph.find("input"));
///         for (std::size_t i = 0; i < 2 * samples.size(); ++i)
///           input[i] = static_cast<float>(Random(1, 0).normal(2 * samples[i / 2] + i % 2));
///       }
///     };
class Feed {
 public:
  virtual ~Feed() = default;

  /// Before the first batch of an epoch, from 0: what is drawn anew in each epoch is drawn here.
  virtual void begin_epoch(std::uint32_t epoch) { static_cast<void>(epoch); }

  /// Fills every input of `plan`, which is made for samples.size() samples of `graph`. The same
  /// samples in the same epoch give the same bits.
  virtual void fill(run::Plan& plan, const graph::Graph& graph,
                    std::span<const std::uint32_t> samples) = 0;
};

}  // namespace rectify::train
