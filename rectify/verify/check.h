#pragma once

#include <cstddef>
#include <string>

#include "rectify/base/progress.h"
#include "rectify/model/predictor.h"
#include "rectify/verify/certificate.h"
#include "rectify/verify/property.h"

namespace rectify::verify {

/// What a check found to be proven.
struct Checked {
  Answer answer = Answer::holds;  ///< unknown: `stop` said so
  std::size_t steps = 0, sub_problems = 0;
};

/// Proves a certificate's claim again: that the property holds for the float32 network as the
/// predictor computes it, or that its input violates it. `name` is for errors. Throws Error, which
/// names the line, where the proof has a gap, for a certificate of another network or property, and
/// for a predictor that keeps its weights as bf16 or int8.
///
///     const Certificate certificate = read_certificate("proof.txt");
///     check(predictor, property, certificate, "proof.txt");  // throws unless it is a proof
Checked check(const model::Predictor& predictor, const Property& property,
              const Certificate& certificate, const std::string& name,
              const StopCallback& stop = {}, const ProgressCallback& progress = {});

}  // namespace rectify::verify
