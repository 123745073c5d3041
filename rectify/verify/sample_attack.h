#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "rectify/base/thread_pool.h"
#include "rectify/model/predictor.h"
#include "rectify/run/plan.h"

namespace rectify::verify {

/// How the size of a change of a sample is measured: by its largest number, or by the root of the
/// sum of squares.
enum class Norm { inf, two };
constexpr std::array<std::string_view, 2> names_of(Norm) { return {"inf", "2"}; }

/// A sample and how far it may be changed: every number stays between lower and upper, and with
/// Norm::two the whole change is at most radius long. In stored units.
struct Neighbourhood {
  std::vector<float> sample;
  std::vector<double> lower, upper;
  Norm norm = Norm::inf;
  double radius = 0;

  /// Whether an input is in it, in double precision.
  bool has(std::span<const float> input) const;
  /// Throws Error where a number's lower end is above its upper one, so that no input is in it.
  void check_not_empty() const;
};

/// A changed sample that the predictor answers otherwise.
struct Fallen {
  std::vector<float> input, output;
  std::int32_t answer = 0;  ///< the class
};

/// How long an attack tries: from so many inputs for each other class, so many steps each.
struct AttackEffort {
  int steps = 40;
  int restarts = 5;
  std::uint64_t seed = 1;
};

/// Looks for changed samples by projected gradient descent (Madry et al. 2018, "Towards deep
/// learning models resistant to adversarial attacks"): towards every other class at once, from the
/// sample and from drawn inputs near it. All finds are replayed through the predictor.
class SampleAttack {
 public:
  /// The predictor and the pool must outlive it. Throws Error for a network of ids, with an
  /// operator without gradient, or with fewer than two outputs.
  SampleAttack(const model::Predictor& predictor, ThreadPool& threads);
  ~SampleAttack();
  SampleAttack(const SampleAttack&) = delete;
  SampleAttack& operator=(const SampleAttack&) = delete;

  /// A change that makes another output than `label`'s the largest; nothing when none is found.
  /// Throws Error for a neighbourhood without inputs.
  std::optional<Fallen> find(const Neighbourhood& around, std::int32_t label,
                             const AttackEffort& effort = {});

 private:
  struct Graphs;
  const model::Predictor& predictor_;
  ThreadPool& threads_;
  std::unique_ptr<Graphs> graphs_;
};

/// The class whose output is largest, the first of equal ones.
std::int32_t answer_of(std::span<const float> output);

}  // namespace rectify::verify
