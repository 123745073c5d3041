#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "rectify/activation/activation.h"

namespace rectify::activation {
namespace {

using Function = std::function<double(double)>;

constexpr double unbounded = std::numeric_limits<double>::infinity();

// The grid near 0: from -16 to 16, in steps that put the usual kinks on the grid.
constexpr int cells = 32 * 64;
double grid(int i) { return (i - cells / 2) / 64.0; }

/// The largest value of f on the points, then refined between the neighbours of the best one.
double largest(const Function& f, std::span<const double> points) {
  std::size_t best = 0;
  double at_best = -unbounded;
  for (std::size_t i = 0; i < points.size(); ++i)
    if (const double y = f(points[i]); y > at_best) {
      best = i;
      at_best = y;
    }
  double low = points[best > 0 ? best - 1 : 0];
  double high = points[std::min(best + 1, points.size() - 1)];
  for (int step = 0; step < 100; ++step) {  // ternary search: f has one peak between neighbours
    const double a = low + (high - low) / 3, b = high - (high - low) / 3;
    (f(a) < f(b) ? low : high) = f(a) < f(b) ? a : b;
  }
  return std::max(at_best, f((low + high) / 2));
}

/// A grid wide enough for the turning points of rows with extreme parameters: the grid above, with
/// coarser steps on either side.
std::vector<double> wide_grid() {
  std::vector<double> points;
  for (int i = 4 * 256; i > 4 * 16; --i) points.push_back(-i / 4.0);
  for (int i = 0; i <= cells; ++i) points.push_back(grid(i));
  for (int i = 4 * 16 + 1; i <= 4 * 256; ++i) points.push_back(i / 4.0);
  return points;
}

/// How much a derivative or a value changes at least where it jumps.
constexpr double least_jump = 1e-5;

/// The point in [low, high] where f changes most, to 1e-9, by bisection towards the larger change.
/// Any point once what is left changes by too little to jump: a smooth f is known after few steps.
double steepest(const Function& f, double low, double high) {
  double at_low = f(low), at_high = f(high);
  while (high - low > 1e-9 && std::abs(at_high - at_low) > least_jump / 10) {
    const double middle = (low + high) / 2, at_middle = f(middle);
    const bool left = std::abs(at_middle - at_low) > std::abs(at_high - at_middle);
    (left ? high : low) = middle;
    (left ? at_high : at_low) = at_middle;
  }
  return (low + high) / 2;
}

/// Whether f changes more within 2e-9 of x than a row of reasonable steepness does.
bool jumps(const Function& f, double x) { return std::abs(f(x + 2e-9) - f(x - 2e-9)) > least_jump; }

bool is_odd(const Function& f) {
  for (int i = 0; i <= cells; ++i) {
    const double sum = f(grid(i)) + f(-grid(i));
    if (!(std::abs(sum) <= 1e-12 * std::max(1.0, std::abs(f(grid(i)))))) return false;
  }
  return f(1) != 0;
}

}  // namespace

std::vector<double> kinks(const Row& row, const Parameters& p) {
  const Function value = [&](double x) { return row.value(x, p); };
  const Function slope = [&](double x) { return row.slope(x, p); };
  const std::vector<double> points = wide_grid();
  std::vector<double> found;
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    if (slope(points[i]) == slope(points[i + 1])) continue;
    const double at = steepest(slope, points[i], points[i + 1]);
    const double on_grid = std::round(at * 64) / 64;  // such a kink is found from both its cells
    const double x = std::abs(at - on_grid) < 2e-9 ? on_grid : at;
    if (!jumps(slope, x) && !jumps(value, x)) continue;
    if (found.empty() || x - found.back() > 1e-8) found.push_back(x);
  }
  return found;
}

std::vector<double> turning_points(const Row& row, const Parameters& p) {
  const auto sign = [&](double x) {
    const double slope = row.slope(x, p);
    return slope > 0 ? 1 : slope < 0 ? -1 : 0;
  };
  const std::vector<double> points = wide_grid();
  std::vector<double> found;
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    double low = points[i], high = points[i + 1];
    const int before = sign(low);
    if (before == sign(high)) continue;
    while (high - low > 1e-12 * std::max(1.0, std::abs(low))) {
      const double middle = (low + high) / 2;
      (sign(middle) == before ? low : high) = middle;
    }
    found.push_back((low + high) / 2);
  }
  return found;
}

double gain(const Row& row, const Parameters& p) {
  // Gauss-Legendre quadrature with five points on each of many short panels. The usual kinks are at
  // ends of panels.
  constexpr double node[] = {0, 0.5384693101056831, 0.9061798459386640};
  constexpr double weight[] = {0.5688888888888889, 0.4786286704993665, 0.2369268850561891};
  constexpr double half = 1.0 / 64, reach = 16;
  const auto integrand = [&](double z) {
    const double y = row.value(z, p);
    return y * y * std::exp(-z * z / 2);
  };
  double sum = 0;
  for (double middle = -reach + half; middle < reach; middle += 2 * half) {
    sum += weight[0] * integrand(middle);
    for (int i = 1; i < 3; ++i) {
      sum += weight[i] * (integrand(middle - half * node[i]) + integrand(middle + half * node[i]));
    }
  }
  constexpr double root_two_pi = 2.5066282746310002;
  return 1 / std::sqrt(sum * half / root_two_pi);
}

// Two neighbouring cells near the middle, where no tail underflows yet.
bool has_exact_zeros(const Row& row, const Parameters& p) {
  const auto is_zero = [&](int i) { return row.value(grid(i), p) == 0; };
  for (int i = cells / 4; i + 2 <= cells * 3 / 4; ++i)
    if (is_zero(i) && is_zero(i + 1) && is_zero(i + 2)) return true;
  return false;
}

Properties properties(const Row& row, const Parameters& p) {
  const Function value = [&](double x) { return row.value(x, p); };
  const Function slope = [&](double x) { return row.slope(x, p); };
  const double left = value(-unbounded), right = value(unbounded);
  const std::vector<double> points = wide_grid();
  Properties result;
  result.low = std::min({-largest([&](double x) { return -value(x); }, points), left, right});
  result.high = std::max({largest(value, points), left, right});
  result.saturates_left = std::isfinite(left);
  result.saturates_right = std::isfinite(right);
  result.zero_centred = is_odd(value);
  result.largest_slope = std::max({largest([&](double x) { return std::abs(slope(x)); }, points),
                                   std::abs(slope(-unbounded)), std::abs(slope(unbounded))});
  result.exact_zeros = has_exact_zeros(row, p);
  result.smooth = kinks(row, p).empty();
  result.gain = gain(row, p);
  return result;
}

}  // namespace rectify::activation
