#pragma once

#include <optional>
#include <span>
#include <vector>

#include "rectify/pretrain/likelihood/copies.h"
#include "rectify/pretrain/machine.h"

namespace rectify::pretrain {

/// What the hidden layer of a machine adds to its likelihood, from the total inputs x of its units.
/// Rectified units are the binary copies that they stand for, exactly, and not the normal noise by
/// which training imitates them.
class HiddenLayer {
 public:
  /// The machine must outlive it.
  explicit HiddenLayer(const Machine& machine);

  /// The logarithm of the sum of exp(x h) over all states h.
  double log_sum(std::span<const float> x, double scale = 1) const;
  /// log_sum(x, to) - log_sum(x, from), 0 <= from <= to.
  double gain(std::span<const float> x, double from, double to) const;
  /// The derivative of log_sum: the mean of each unit.
  void mean(std::span<const float> x, std::span<double> mean) const;

  /// How many of its copies are on; null for units without.
  const CopyCount* copies() const { return copies_ ? &*copies_ : nullptr; }

 private:
  const Machine& machine_;
  std::optional<CopyCount> copies_;
  bool binary_;
};

}  // namespace rectify::pretrain
