#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace rectify::run {

/// What a plan does one after the other: everything about it is decided when the plan is made, so
/// that a run only calls it.
using Step = std::function<void()>;

/// What the steps of a plan read at run time.
struct RunState {
  std::uint64_t seed = 0;  ///< of random nodes
  std::uint32_t step = 0;  ///< of training; addresses their numbers
};

/// Takes `count` elements of a parameter's gradient from its element `first` on, while they are in
/// cache; null stands for zeros. Called from several threads, each time for another of disjoint
/// ranges, which together are the whole gradient.
using GradientSink =
    std::function<void(std::size_t first, std::size_t count, const float* gradient)>;

/// Of the factor that a product counts the zeros of, over all runs.
struct FactorZeros {
  std::int64_t numbers = 0, nonzeros = 0;
  std::int64_t left_out = 0;  ///< runs that left the zeros out
};

/// One step of a plan, for people: what it is and what it took.
struct StepProfile {
  std::string op, label;       ///< of its node
  std::string implementation;  ///< "oneDNN", "avx512"
  std::string shape;           ///< "128x1000", of a product "128x784x1000"
  int fused = 0;               ///< how many operators are fused with the node's
  double flops = 0;            ///< a run, multiply and add counted apart
  double bytes = 0;            ///< a run: every input and the value once, of fused operators too
  std::int64_t runs = 0;
  double seconds = 0;  ///< of all runs
  FactorZeros zeros;
};

}  // namespace rectify::run
