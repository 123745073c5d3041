#include "rectify/verify/attack.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/random.h"

namespace rectify::verify {

namespace {

/// Steps look at all half spaces at once for at most so many inputs.
constexpr std::size_t few_axes = 32;

}  // namespace

Descent::Descent(const Structure& structure, const Unsafe& unsafe)
    : structure_(structure), unsafe_(unsafe), box_(unsafe.inputs), bounder_(structure) {}

std::vector<double> Descent::place(std::span<const double> shares) const {
  std::vector<double> x(shares.size());
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = box_.lower[i] + shares[i] * (double{box_.upper[i]} - box_.lower[i]);
  return x;
}

double Descent::excess_at(std::span<const double> x) const {
  return excess(unsafe_.outputs, outputs_at(structure_.network, x));
}

std::vector<double> Descent::step(const std::vector<double>& x, double share) {
  Ranges ranges = bounder_.unknown();
  if (!bounder_.narrow({x, x}, ranges)) return x;
  std::vector<double> coefficients;
  LowerBounds linear;
  for (const HalfSpace& half : unsafe_.outputs) {
    coefficients.insert(coefficients.end(), half.coefficients.begin(), half.coefficients.end());
    linear.bound.push_back(half.bound);
  }
  bounder_.bound(ranges, coefficients, {}, linear);
  linear.count = unsafe_.outputs.size();
  Box near{x, x};
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double reach = share * (double{box_.upper[i]} - box_.lower[i]);
    near.lower[i] = std::max<double>(x[i] - reach, box_.lower[i]);
    near.upper[i] = std::min<double>(x[i] + reach, box_.upper[i]);
  }
  std::size_t worst = 0;
  for (std::size_t r = 0; r < linear.count; ++r) {
    if (linear.lower[r] - linear.bound[r] > linear.lower[worst] - linear.bound[worst]) worst = r;
  }
  std::vector<double> to(x.size());
  for (std::size_t i = 0; i < x.size(); ++i)
    to[i] = linear.slopes_of(worst, x.size())[i] > 0 ? near.lower[i] : near.upper[i];
  if (x.size() > few_axes || linear.count == 1) return to;
  for (std::size_t r = 0; r < linear.count; ++r)
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double slope = linear.slopes_of(r, x.size())[i];
      linear.lower[r] -=
          std::abs(slope) * (slope > 0 ? x[i] - near.lower[i] : near.upper[i] - x[i]);
    }
  return combine(near, linear).x;
}

double Descent::run(std::vector<double>& x, std::size_t steps, double share) {
  double here = excess_at(x);
  for (std::size_t n = 0; n < steps && share > 1e-7; ++n) {
    std::vector<double> to = step(x, share);
    const double there = excess_at(to);
    if (there < here) {
      x = std::move(to), here = there, share *= 1.5;
    } else {
      share *= 0.3;
    }
  }
  return here;
}

std::optional<Violation> attack(const model::Predictor& predictor, const Structure& structure,
                                const Property& property, std::size_t at, std::uint64_t seed,
                                const AttackSize& size, const StopCallback& stop) {
  const Unsafe& unsafe = property.cases[at];
  if (unsafe.outputs.empty() || FloatBox(unsafe.inputs).empty()) return std::nullopt;
  Descent descent(structure, unsafe);
  const Random random(seed, static_cast<std::uint32_t>(at));
  const std::size_t inputs = predictor.inputs();
  std::vector<double> shares(inputs);
  for (std::size_t n = 0; n < size.starts && !(stop && stop()); ++n) {
    for (std::size_t i = 0; i < inputs; ++i) shares[i] = random.uniform(n * inputs + i);
    std::vector<double> x = descent.place(shares);
    if (descent.run(x, size.steps, 0.1) <= nearly_inside)
      if (auto found = replay(predictor, property, at, descent.rounded(x))) return found;
  }
  return std::nullopt;
}

}  // namespace rectify::verify
