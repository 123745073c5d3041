#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>

#include "rectify/base/random.h"

namespace rectify::run {

/// Where a random node's numbers come from: Random(seed, node_stream(node), step).
inline std::uint32_t node_stream(std::uint32_t stream) {
  return static_cast<std::uint32_t>(Stream::node) + stream;
}

/// An element is dropped when its random word is below this.
inline std::uint32_t dropout_threshold(double rate) {
  return static_cast<std::uint32_t>(std::floor(rate * 0x1p32));
}

/// What dropout makes of an element in training: factor x + kept, or where it is dropped `dropped`.
struct DropoutLaw {
  double factor = 1;
  double kept = 0;
  double dropped = 0;
};

/// Of the operator `name`, dropout or alpha_dropout or the gradient of one.
inline DropoutLaw dropout_law(std::string_view name, double rate) {
  if (!name.starts_with("alpha_")) return {.factor = 1 / (1 - rate)};
  constexpr double limit = -1.7580993408473768;  // of selu for x -> -infinity, Klambauer's alpha'
  const double a = 1 / std::sqrt((1 - rate) * (1 + limit * limit * rate));
  if (name != "alpha_dropout") return {.factor = a};
  const double b = -a * rate * limit;
  return {.factor = a, .kept = b, .dropped = a * limit + b};
}

}  // namespace rectify::run
