#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "rectify/model/predictor.h"
#include "rectify/verify/property.h"
#include "rectify/verify/verify.h"

namespace rectify::verify {

/// An input that violates a property, with what the predictor answers to it.
struct Violation {
  std::size_t at = 0;  ///< the case that it is in
  std::vector<float> input, output;
};

/// Makes the verdict `violated`, by that input.
void accept(Violation violation, Verdict& verdict);

/// Whether outputs lie in all half spaces, in exact terms up to the rounding of double precision;
/// what is nearer to a border than that does not count as inside.
bool is_inside(std::span<const HalfSpace> outputs, std::span<const float> y);

/// How far outputs are from the half spaces: the largest excess over a bound. Negative inside.
double excess(std::span<const HalfSpace> outputs, std::span<const double> y);

/// The float32 inputs that a box stands for: the numbers between the two, ends included. Where an
/// axis has float32 numbers inside the box, these; otherwise the two to which its ends round.
struct FloatBox {
  std::vector<float> lower, upper;
  explicit FloatBox(const Box& box);
  bool empty() const;
};

/// Puts `x` into the box and rounds it to float32.
std::vector<float> rounded_into(const FloatBox& box, std::span<const double> x);

/// Looks through the predictor whether one of the inputs violates one of the cases.
/// `inputs`: n x predictor.inputs(), each of which must be in the box of the case.
std::optional<Violation> replay(const model::Predictor& predictor, const Property& property,
                                std::size_t at, std::span<const float> inputs);

/// Tries the middle of a case's box, its corners and drawn inputs: `tries` in all.
std::optional<Violation> try_at_random(const model::Predictor& predictor, const Property& property,
                                       std::size_t at, std::size_t tries, std::uint64_t seed);

}  // namespace rectify::verify
