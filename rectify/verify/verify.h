#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rectify/base/progress.h"
#include "rectify/model/predictor.h"
#include "rectify/verify/property.h"

namespace rectify::verify {

struct Record;

/// How much work verify() may do.
struct Limits {
  double seconds = 116;
  int threads = 0;         ///< 0: one for each processor
  std::size_t boxes = 0;   ///< sub-problems to look at, at most; 0: no limit
  std::uint64_t seed = 1;  ///< of the inputs that are tried first
  ProgressCallback progress = {};
  StopCallback stop = {};
  Record* record = nullptr;  ///< where set: gets what certify() makes a certificate of
};

/// What verify() found, and the evidence.
struct Verdict {
  Answer answer = Answer::unknown;
  std::size_t at = 0;         ///< where violated: the case of the property that the input is in
  std::vector<float> input;   ///< where violated: an unsafe input, not normalised
  std::vector<float> output;  ///< where violated: what the predictor answers to it
  std::string why;            ///< where unknown: a sentence
  /// Where unknown: how far the worst sub-problem was from being proven, in units of the outputs'
  /// half space. 0 otherwise.
  double gap = 0;
  std::size_t sub_problems = 0;  ///< that were bounded
  std::size_t leaves = 0;        ///< of the tree of sub-problems: proven, or still open
  std::size_t depth = 0;         ///< the most splits above a leaf
  double seconds = 0;
};

/// Proves that a property of a network holds, or finds an input that violates it.
///
/// `holds` is a proof about the float32 network as the predictor computes it, with folded batch
/// norms and rounding included: docs/decisions/0026 says what is claimed. `violated` comes with an
/// input, which was replayed through the predictor. The inputs are those of the box, each number
/// rounded to float32; where that leaves a choice, the input that is reported lies in the box.
/// `unknown` says why.
///
/// Throws Error as check_property() and network_of() do, and when there is not enough memory. A
/// case with an empty box or half spaces that contradict each other is never violated.
///
///     const model::Predictor predictor(model::load_model("run/best.safetensors"));
///     const Property property = {{{{{-1, -1}, {1, 1}}, {{{1, -1}, 0}}}}};  // unsafe: y0 <= y1
///     const Verdict verdict = verify(predictor, property, {.seconds = 10});
///     if (verdict.answer == Answer::violated) show(verdict.input);
Verdict verify(const model::Predictor& predictor, const Property& property,
               const Limits& limits = {});

/// verify() for many properties of a network, which is taken apart once.
///
///     const Verifier verifier(predictor);
///     for (const Property& property : properties)
///       if (!verifier.holds_at_once(property)) show(verifier.verify(property));
class Verifier {
 public:
  /// The predictor must outlive it. Throws as verify() does.
  explicit Verifier(const model::Predictor& predictor);
  ~Verifier();
  Verifier(const Verifier&) = delete;
  Verifier& operator=(const Verifier&) = delete;

  /// Whether the bounds over each case's whole box prove that the property holds: quick, without a
  /// search. `false` says nothing.
  bool holds_at_once(const Property& property) const;
  Verdict verify(const Property& property, const Limits& limits = {}) const;

 private:
  struct Parts;
  void check(const Property& property) const;

  const model::Predictor& predictor_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace rectify::verify
