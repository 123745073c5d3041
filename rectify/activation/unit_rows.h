#pragma once

#include "rectify/activation/math.h"
#include "rectify/activation/unit.h"

// All types of stochastic units, one struct each, and the list of them at the end: names, tables,
// help and tests are made from it. Where a row has mean<V> and sample<V>, V is double or a vector
// of floats.

namespace rectify::activation {

struct UnitFacts {
  std::string_view name, summary, source;
  Draws draws;
  std::string_view activation;
  bool has_zeros = false;
  bool has_copies = false;
};

/// ln(1 + exp(x)) without overflow.
inline double softplus_of(double x) {
  return std::fmax(0, x) + std::log1p(std::exp(-std::fabs(x)));
}

/// The sum of ln(1 + exp(x - i + 1/2)) over copies i = 1, 2, ..., of which at most `copies`; those
/// from x + 40 on add less than a double shows.
inline double free_energy_of_copies(double x, double copies) {
  double sum = 0;
  for (double i = 1; i <= copies && i < x + 41; ++i) sum += softplus_of(x - i + 0.5);
  return sum;
}

/// The mean of max(0, x + s n), n standard normal: x Φ(x / s) + s φ(x / s). Below 1e-18, s is as
/// good as 0. So is a mean below 1e-15: far from 0 it would soon be a denormal number, with which a
/// product takes ten times as long.
template <class V> V rectified_mean(V x, V deviation) {
  const V s = max(V(1e-18f), deviation), t = x / s;
  const V density = exp_negative(V(-0.5f) * t * t) * V(0.3989422804f);
  const V mean = s * (x_normal_cdf(t) + density);
  return select(mean < V(1e-15f), V(0), mean);
}

/// The mean of its square: (x² + s²) Φ(x / s) + x s φ(x / s).
inline double rectified_square(double x, double s) {
  const double t = x / s;
  return (x * x + s * s) * normal_cdf(t) + x * s * normal_pdf(t);
}

struct BinaryUnit {
  static constexpr UnitFacts facts = {.name = "binary",
                                      .summary = "1 with probability 1 / (1 + exp(-x)), else 0",
                                      .source = "Hinton 2002",
                                      .draws = Draws::uniform,
                                      .activation = "sigmoid",
                                      .has_zeros = true};
  template <class V> static V mean(V x, int) { return sigmoid(x); }
  template <class V> static V sample(V x, V u, int, int) {
    return select(u < sigmoid(x), V(1), V(0));
  }
  static double variance(double x, int) { return sigmoid(x) * sigmoid(-x); }
  static double free_energy(double x, int) { return softplus_of(x); }
};

/// A binary unit whose states lie on both sides of 0, as tanh's values do.
struct BipolarUnit {
  static constexpr UnitFacts facts = {.name = "bipolar",
                                      .summary = "1 with probability 1 / (1 + exp(-2 x)), else -1",
                                      .source = "Hopfield 1982; Hinton & Sejnowski 1986",
                                      .draws = Draws::uniform,
                                      .activation = "tanh"};
  template <class V> static V mean(V x, int) { return tanh(x); }
  template <class V> static V sample(V x, V u, int, int) {
    return select(u < sigmoid(x + x), V(1), V(-1));
  }
  static double variance(double x, int) { return 4 * sigmoid(2 * x) * sigmoid(-2 * x); }
  static double free_energy(double x, int) {
    return std::fabs(x) + std::log1p(std::exp(-2 * std::fabs(x)));
  }
};

struct GaussianUnit {
  static constexpr UnitFacts facts = {.name = "gaussian",
                                      .summary = "normal, mean x, variance 1",
                                      .source = "Welling, Rosen-Zvi & Hinton 2005",
                                      .draws = Draws::normal,
                                      .activation = "identity"};
  template <class V> static V mean(V x, int) { return x; }
  template <class V> static V sample(V x, V n, int, int) { return x + n; }
  static double variance(double, int) { return 1; }
  static double free_energy(double x, int) { return x * x / 2; }
};

/// The only row without loops: one unit of the whole layer is 1, unit i with a probability in
/// proportion to exp(x of i).
struct SoftmaxUnit {
  static constexpr UnitFacts facts = {
      .name = "softmax",
      .summary = "one unit of the layer is 1, in proportion to exp(x)",
      .source = "Welling, Rosen-Zvi & Hinton 2005",
      .draws = Draws::one_of_all,
      .activation = "softmax",
      .has_zeros = true};
};

/// The noise has the *variance* sigmoid(x). It is nearly the sum of infinitely many binary copies
/// with inputs x - 1/2, x - 3/2, ...
struct NreluUnit {
  static constexpr UnitFacts facts = {
      .name = "nrelu",
      .summary = "max(0, x + n), n normal with variance 1 / (1 + exp(-x))",
      .source = "Nair & Hinton 2010",
      .draws = Draws::normal,
      .activation = "relu",
      .has_zeros = true};
  template <class V> static V mean(V x, int) { return rectified_mean(x, sqrt(sigmoid(x))); }
  template <class V> static V sample(V x, V n, int, int) {
    return max(V(0), x + sqrt(sigmoid(x)) * n);
  }
  static double variance(double x, int) {
    const double s = std::sqrt(sigmoid(x)), m = mean(x, 0);
    return std::fmax(0, rectified_square(x, s) - m * m);
  }
  static double free_energy(double x, int) {
    return free_energy_of_copies(x, std::numeric_limits<double>::infinity());
  }
};

struct SteppedUnit {
  static constexpr UnitFacts facts = {
      .name = "stepped",
      .summary = "sum of `copies` binary units with inputs x - 1/2, x - 3/2, ...",
      .source = "Nair & Hinton 2010",
      .draws = Draws::uniform_of_each_copy,
      .activation = "stepped_sigmoid",
      .has_zeros = true,
      .has_copies = true};
  template <class V> static V mean(V x, int copies) {
    V sum(0);
    for (int i = 0; i < copies; ++i) sum = sum + sigmoid_shifted(x, i + 0.5);
    return sum;
  }
  template <class V> static V sample(V x, V u, int copy, int) {
    return select(u < sigmoid_shifted(x, copy + 0.5), V(1), V(0));
  }
  static double variance(double x, int copies) {
    double sum = 0;
    for (int i = 0; i < copies; ++i) sum += BinaryUnit::variance(x - i - 0.5, 0);
    return sum;
  }
  static double free_energy(double x, int copies) { return free_energy_of_copies(x, copies); }
};

/// nrelu that stops at the number of its copies. The variance is nearly that of those copies.
struct CappedUnit {
  static constexpr UnitFacts facts = {
      .name = "capped",
      .summary = "x + n between 0 and `copies`, n normal with the variance of as many copies",
      .source = "Krizhevsky 2010",
      .draws = Draws::normal,
      .activation = "relu6",
      .has_zeros = true,
      .has_copies = true};
  template <class V> static V deviation(V x, int copies) {
    return sqrt(max(V(0), sigmoid(x) - sigmoid(x - V(static_cast<float>(copies)))));
  }
  template <class V> static V mean(V x, int copies) {
    const V s = deviation(x, copies), top = V(static_cast<float>(copies));
    return min(top, max(V(0), rectified_mean(x, s) - rectified_mean(x - top, s)));
  }
  template <class V> static V sample(V x, V n, int, int copies) {
    return min(V(static_cast<float>(copies)), max(V(0), x + deviation(x, copies) * n));
  }
  static double variance(double x, int copies) {
    const double s = deviation(x, copies), m = mean(x, copies), top = copies;
    // y = r(x) - r(x - top) with r(x) = max(0, x + s n); where the second is above 0, r(x) is it
    // plus top.
    const double beyond = rectified_square(x - top, s), mean_beyond = rectified_mean(x - top, s);
    return std::fmax(0, rectified_square(x, s) - beyond - 2 * top * mean_beyond - m * m);
  }
  static double free_energy(double x, int copies) { return free_energy_of_copies(x, copies); }
};

template <class... R> struct UnitRows {};
using AllUnits = UnitRows<BinaryUnit, BipolarUnit, GaussianUnit, SoftmaxUnit, NreluUnit,
                          SteppedUnit, CappedUnit>;

/// Whether a row has loops of its own.
template <class R> inline constexpr bool unit_has_loops = R::facts.draws != Draws::one_of_all;

}  // namespace rectify::activation
