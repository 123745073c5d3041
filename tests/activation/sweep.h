#pragma once

// Points, units and cases that the activation tests share.

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "rectify/activation/kernels.h"
#include "rectify/base/error.h"

namespace rectify::activation {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// |got − want| in units of the last place of a float at `want`, denormals included; what rounds to
/// the same float, infinities too, is never more than half a unit off, and NaN only matches NaN.
inline double ulps(float got, double want) {
  if (std::isnan(want) || std::isnan(got)) return std::isnan(want) && std::isnan(got) ? 0 : 1e30;
  if (got == static_cast<float>(want)) return 0;
  const int exponent = std::max(want == 0 ? -126 : std::ilogb(want), -126);
  return std::abs(got - want) / std::ldexp(1.0, exponent - 23);
}

/// One row with one choice of its parameters.
struct Case {
  const Row* row;
  Parameters p;
  std::string text() const {
    return row->parameters.empty() ? std::string(row->name) : concat(row->name, " ", p[0]);
  }
};

/// Every row with its defaults and, where it has a parameter, with the ends and a middle of its
/// range.
inline std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Row& row : family()) {
    all.push_back({&row, row.defaults()});
    for (std::size_t i = 0; i < row.parameters.size(); ++i) {
      const ParameterInfo& info = row.parameters[i];
      for (const double value : {info.low, info.high, (info.low + 2 * info.high) / 3}) {
        if (value == info.value) continue;
        all.push_back({&row, row.defaults()});
        all.back().p[i] = value;
      }
    }
  }
  return all;
}

/// Zeros, denormals, infinities, NaN, and the neighbours of the usual kinks.
inline std::vector<float> special_points() {
  using Limits = std::numeric_limits<float>;
  std::vector<float> points = {Limits::quiet_NaN()};
  for (const float x :
       {0.0f, Limits::denorm_min(), 1e-40f, Limits::min(), 1e-30f, 0.5f, 1.0f, 3.0f, 6.0f, 20.0f,
        88.0f, 89.0f, 104.0f, 110.0f, 1e10f, Limits::max(), Limits::infinity()}) {
    for (const float y : {x, -x}) {
      points.insert(points.end(), {y, std::nextafter(y, -Limits::infinity()),
                                   std::nextafter(y, Limits::infinity())});
    }
  }
  return points;
}

/// 2^16 floats over all bit patterns (both signs, every exponent, some NaN), 2^16 uniformly in
/// [−20, 20] and 2^15 in [−120, 0], where exponentials become denormal.
inline std::vector<float> sweep_points() {
  std::vector<float> points = special_points();
  std::uint32_t state = 1;
  const auto random = [&state] { return state = state * 1664525u + 1013904223u; };
  for (std::uint32_t i = 0; i < 1u << 16; ++i) {
    points.push_back(std::bit_cast<float>((i << 16) | (random() >> 16)));
  }
  const auto uniform = [&](double low, double high) {
    return static_cast<float>(low + (high - low) * random() * 0x1p-32);
  };
  for (int i = 0; i < 1 << 16; ++i) points.push_back(uniform(-20, 20));
  for (int i = 0; i < 1 << 15; ++i) points.push_back(uniform(-120, 0));
  return points;
}

}  // namespace rectify::activation
