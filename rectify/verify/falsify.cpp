#include "rectify/verify/falsify.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "rectify/base/random.h"

namespace rectify::verify {

namespace {

/// The nearest float32 number at or below x, and the one at or above it.
float rounded_down(double x) {
  const float nearest = static_cast<float>(x);
  return nearest <= x ? nearest : std::nextafter(nearest, -std::numeric_limits<float>::infinity());
}
float rounded_up(double x) {
  const float nearest = static_cast<float>(x);
  return nearest >= x ? nearest : std::nextafter(nearest, std::numeric_limits<float>::infinity());
}

}  // namespace

void accept(Violation violation, Verdict& verdict) {
  verdict.answer = Answer::violated;
  verdict.at = violation.at;
  verdict.input = std::move(violation.input), verdict.output = std::move(violation.output);
}

// A number and its negative are exact in double precision, and so is the sign of a difference of
// two. Every other sum is inside only if it is so whatever its roundings did.
bool is_inside(std::span<const HalfSpace> outputs, std::span<const float> y) {
  return std::ranges::all_of(outputs, [&](const HalfSpace& half) {
    double sum = 0, size = std::abs(half.bound);
    std::size_t terms = 0;
    bool ones = true;
    for (std::size_t j = 0; j < y.size(); ++j) {
      const double c = half.coefficients[j];
      if (c == 0) continue;
      sum += c * y[j], size += std::abs(c * y[j]);
      ones = ones && std::abs(c) == 1, ++terms;
    }
    const bool exact = terms == 0 || (ones && (terms == 1 || (terms == 2 && half.bound == 0)));
    const double error = exact ? 0 : size * static_cast<double>(terms + 4) * 0x1p-53;
    return sum + error <= half.bound;
  });
}

double excess(std::span<const HalfSpace> outputs, std::span<const double> y) {
  double largest = -std::numeric_limits<double>::infinity();
  for (const HalfSpace& half : outputs) {
    double sum = -half.bound;
    for (std::size_t j = 0; j < y.size(); ++j) sum += half.coefficients[j] * y[j];
    largest = std::max(largest, sum);
  }
  return largest;
}

FloatBox::FloatBox(const Box& box) : lower(box.lower.size()), upper(box.lower.size()) {
  for (std::size_t i = 0; i < lower.size(); ++i) {
    lower[i] = rounded_up(box.lower[i]), upper[i] = rounded_down(box.upper[i]);
    if (lower[i] > upper[i] && box.lower[i] <= box.upper[i]) {
      lower[i] = static_cast<float>(box.lower[i]);
      upper[i] = static_cast<float>(box.upper[i]);
    }
  }
}

bool FloatBox::empty() const {
  for (std::size_t i = 0; i < lower.size(); ++i)
    if (!(lower[i] <= upper[i])) return true;
  return false;
}

std::vector<float> rounded_into(const FloatBox& box, std::span<const double> x) {
  std::vector<float> y(x.size());
  for (std::size_t i = 0; i < y.size(); ++i)
    y[i] = std::clamp(static_cast<float>(x[i]), box.lower[i], box.upper[i]);
  return y;
}

std::optional<Violation> replay(const model::Predictor& predictor, const Property& property,
                                std::size_t at, std::span<const float> inputs) {
  const std::size_t in = predictor.inputs(), out = predictor.outputs(), count = inputs.size() / in;
  std::vector<float> answers(count * out);
  predictor.run(inputs, answers);
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<const float> x = inputs.subspan(i * in, in);
    if (!is_inside(property.cases[at].outputs, std::span(answers).subspan(i * out, out))) continue;
    // What is reported is what the predictor says to this input alone.
    Violation found = {at, {x.begin(), x.end()}, std::vector<float>(out)};
    predictor.run(found.input, found.output);
    if (is_inside(property.cases[at].outputs, found.output)) return found;
  }
  return std::nullopt;
}

std::optional<Violation> try_at_random(const model::Predictor& predictor, const Property& property,
                                       std::size_t at, std::size_t tries, std::uint64_t seed) {
  const FloatBox box(property.cases[at].inputs);
  if (box.empty()) return std::nullopt;
  const Random random(seed, static_cast<std::uint32_t>(at));
  const std::size_t in = predictor.inputs();
  std::vector<float> inputs;
  std::vector<double> x(in);
  for (std::size_t n = 0; n < tries; ++n) {
    for (std::size_t i = 0; i < in; ++i) {
      const double drawn = random.uniform(n * in + i);
      // In turns: the middle or a drawn input, and a drawn corner.
      const double share = n == 0 ? 0.5 : n % 2 == 1 ? std::round(drawn) : drawn;
      x[i] = box.lower[i] + share * (static_cast<double>(box.upper[i]) - box.lower[i]);
    }
    const std::vector<float> rounded = rounded_into(box, x);
    inputs.insert(inputs.end(), rounded.begin(), rounded.end());
  }
  return replay(predictor, property, at, inputs);
}

}  // namespace rectify::verify
