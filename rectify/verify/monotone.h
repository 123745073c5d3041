#pragma once

#include <string>
#include <vector>

#include "rectify/activation/activation.h"
#include "rectify/model/predictor.h"
#include "rectify/verify/property.h"
#include "rectify/verify/verify.h"

namespace rectify::verify {

/// Whether an output never falls where one feature rises and all others stay.
struct MonotoneQuestion {
  std::size_t feature = 0, output = 0;  ///< numbers, from 0
  bool decreasing = false;              ///< whether it never rises instead
  Box box;                              ///< of the inputs, not normalised
};

/// What monotone() found, and the evidence.
struct MonotoneVerdict {
  Answer answer = Answer::unknown;
  /// Where violated: two inputs of the box that differ in the feature alone, the smaller one first,
  /// and what the predictor answers to each.
  std::vector<float> before, after;
  float output_before = 0, output_after = 0;
  /// Proven bounds of the slope of the output in the feature, in the whole box, in the data's
  /// units.
  activation::Interval slope = {0, 0};
  /// So much at most may float32 outputs of two such inputs be in the wrong order where the answer
  /// is `holds`: what rounding may do.
  double disorder = 0;
  std::string why;  ///< where unknown: a sentence
  std::size_t sub_problems = 0, leaves = 0, depth = 0;
  double seconds = 0;
};

/// Proves that an output never falls (or never rises) in a box where a feature rises and the others
/// stay, or finds two inputs with which it does.
///
/// `holds` is a proof about the network of these parameters in real arithmetic: its slope in the
/// feature is nowhere below 0, by more than 1e-10 of the steepest slope that there may be. Of the
/// float32 network as it runs it follows that two outputs are in the wrong order by `disorder` at
/// most. `violated` comes with a pair for which the predictor's outputs are in the wrong order, and
/// so are the real network's. (docs/verification.md)
///
/// Throws Error for a box that does not fit the network, for numbers that are out of range, for a
/// feature that has one value in the box, for an operator without bounds, and for a predictor that
/// keeps its weights as bf16 or int8.
///
///     const MonotoneVerdict verdict = monotone(predictor, {.feature = 2, .box = box});
///     if (verdict.answer == Answer::violated) show(verdict.before, verdict.after);
MonotoneVerdict monotone(const model::Predictor& predictor, const MonotoneQuestion& question,
                         const Limits& limits = {});

}  // namespace rectify::verify
