#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "rectify/verify/backward_pass.h"
#include "rectify/verify/certificate.h"
#include "rectify/verify/network.h"
#include "rectify/verify/property.h"

// The rules by which certificates are checked. With backward_pass.h and check.h they share with the
// search what a network is (network.h) and what a property is (property.h), and nothing else: no
// bound of the search is believed. docs/verification.md says why each rule is sound.

namespace rectify::verify {

/// Inputs of a box for which some numbers are on one side of 0, and cases in which they are not yet
/// proven to be safe.
struct SubProblem {
  struct Decision {
    Number at;
    bool positive;  ///< at least 0, or else at most 0
  };
  /// That a number is above a value, or else below it.
  struct Claim {
    Number at;
    bool is_above;
    double value;
  };
  Box box;
  std::vector<std::uint32_t> cases;
  std::vector<Decision> decisions;
  std::optional<Claim> claim;  ///< to be proven in place of cases; `cases` then has one number
  std::shared_ptr<const Known> known;  ///< none before the first narrow()
};

/// Splits above a sub-problem, at most.
constexpr std::size_t most_splits = 1000;

/// The rules of certificates, each of which is sound whatever it is asked.
class Checker {
 public:
  /// Refers to both. Throws Error for a layer that has no rule, and as check_property() does.
  Checker(const Network& network, const Property& property);

  /// The box of a case, with what its ends are rounded to in float32, and open cases.
  SubProblem root(std::uint32_t at, std::vector<std::uint32_t> cases) const;
  /// Bounds all numbers anew, from the box, what is known and what is decided. False where no input
  /// is left.
  bool narrow(SubProblem& sub) const;
  /// Drops the inputs at which a half space of a case, or a decision, cannot be met, and the cases
  /// for which no input is left. `lines` are lines_of() it.
  void cut(SubProblem& sub, std::span<const Line> lines) const;
  /// How far the weighted sum of a case's half spaces and the decisions is above 0 everywhere in
  /// the sub-problem. Above 0: no input is unsafe. `numbers`: those that the slopes are of.
  double margin(const SubProblem& sub, std::uint32_t at, const Weights& weights,
                std::span<const Number> numbers) const;
  /// Lines below the half spaces of all its cases, less their bounds, and then below what the
  /// decisions say is at most 0.
  std::vector<Line> lines_of(const SubProblem& sub) const;
  /// The part of the box on one side of a value, and the part in which a number is on one side of
  /// 0.
  static SubProblem half(const SubProblem& sub, std::uint32_t axis, double value, bool upper);
  SubProblem decided(const SubProblem& sub, Number at, bool positive) const;
  /// The sub-problem in which a claim is to be proven, and the one in which it is known.
  SubProblem asking(const SubProblem& sub, const SubProblem::Claim& claim) const;
  SubProblem knowing(const SubProblem& sub, const SubProblem::Claim& claim) const;
  /// How many half spaces a case of the sub-problem has. A claim has one.
  std::size_t half_spaces(const SubProblem& sub, std::uint32_t at) const;

  const Network& network() const { return network_; }
  const Property& property() const { return property_; }
  /// The place of a layer's first number in Known.
  std::size_t first(std::size_t layer) const { return places_.first[layer]; }

 private:
  void pass_forwards(std::size_t layer, Known& known) const;
  void narrow_backwards(std::size_t layer, Known& known) const;
  void add_half_space(const SubProblem& sub, std::uint32_t at, const Weights::One& half,
                      std::size_t function, BackwardPass& way) const;
  void add_decision(const SubProblem::Decision& decision, double weight, std::size_t function,
                    BackwardPass& way) const;

  const Network& network_;
  const Property& property_;
  NumberPlaces places_;
  std::vector<bool> has_relu_;
};

}  // namespace rectify::verify
