// Functions as curves: sampling, jumps, ranges, ticks.

#include <algorithm>
#include <cmath>

#include "rectify/report/plot.h"

namespace rectify::report {
namespace {

using Function = std::function<double(double)>;

/// Smaller jumps are invisible, and cannot be told from a steep but continuous rise.
constexpr double smallest_jump = 1e-6;

/// A jump: the place x, the values of f on both sides, and at x.
struct Jump {
  double x, left, right, at;
};

/// Most jumps are at a number that a person wrote. Returns the nearest number with six decimals, if
/// it cannot be told from the bracket; else the middle.
double written_number(double low, double high) {
  const double middle = (low + high) / 2, round = std::round(middle * 1e6) / 1e6;
  return std::abs(round - middle) <= high - low ? round + 0.0 : middle;
}

/// Finds a jump by halving [low, high] towards the larger change of f. A continuous f changes by
/// almost nothing in the end.
std::vector<Jump> jumps_between(const Function& f, double low, double high) {
  if (f(low) == f(high)) return {};
  constexpr double reach = 1e-12;
  while (high - low > reach * std::max(1.0, std::abs(low))) {
    const double middle = (low + high) / 2;
    const bool left = std::abs(f(middle) - f(low)) > std::abs(f(high) - f(middle));
    (left ? high : low) = middle;
  }
  const double x = written_number(low, high);
  const double step = 4 * (high - low);  // the written number may lie at either end
  const Jump jump = {x, f(x - step), f(x + step), f(x)};
  if (!(std::abs(jump.right - jump.left) > smallest_jump)) return {};
  return {jump};
}

bool same(double a, double b) { return std::abs(a - b) <= smallest_jump; }

/// The step, a power of two, that cuts the range into 512 to 1024 steps.
double step_of(Range x) { return std::exp2(std::floor(std::log2((x.high - x.low) / 512))); }

/// Collects points into pieces.
class Pieces {
 public:
  explicit Pieces(Curve& curve) : curve_(curve) {}
  void add(Point p) {
    if (!std::isfinite(p.y)) return end();
    if (open_ && curve_.pieces.back().back().x == p.x) return;
    if (!open_) curve_.pieces.emplace_back();
    open_ = true;
    curve_.pieces.back().push_back(p);
  }
  void end() { open_ = false; }
  /// Ends a piece at the jump and begins the next one there.
  void jump(const Jump& j) {
    if (open_ && curve_.pieces.back().back().x == j.x) curve_.pieces.back().pop_back();
    add({j.x, j.left});
    end();
    add({j.x, j.right});
    for (const double y : {j.left, j.right}) curve_.dots.push_back({{j.x, y}, same(y, j.at)});
    if (std::isfinite(j.at) && !same(j.at, j.left) && !same(j.at, j.right))
      curve_.dots.push_back({{j.x, j.at}, true});
  }

 private:
  Curve& curve_;
  bool open_ = false;
};

}  // namespace

Curve sample(std::string name, const Function& f, Range x) {
  Curve curve = {std::move(name), {}, {}};
  Pieces pieces(curve);
  const double step = step_of(x);
  // Cells are shifted by half a step, so that a jump at a multiple of the step lies inside of a
  // cell.
  double from = x.low;
  pieces.add({from, f(from)});
  for (double at = std::ceil(x.low / step) * step; from < x.high; at += step) {
    const double to = std::min(at + step / 2, x.high);
    const std::vector<Jump> jumps = jumps_between(f, from, to);
    if (jumps.empty()) {
      if (at > from && at < to) pieces.add({at, f(at)});
    } else {
      pieces.jump(jumps.front());
    }
    if (to == x.high) pieces.add({to, f(to)});
    from = to;
  }
  return curve;
}

Range range_of(std::span<const Curve> curves, double limit) {
  Range range = {0, 1};
  const auto hold = [&](double y) {
    range.low = std::max(std::min(range.low, y), -limit);
    range.high = std::min(std::max(range.high, y), limit);
  };
  for (const Curve& curve : curves) {
    for (const std::vector<Point>& piece : curve.pieces)
      for (const Point& p : piece) hold(p.y);
    for (const Dot& dot : curve.dots) hold(dot.at.y);
  }
  const double margin = 0.06 * (range.high - range.low);
  return {range.low - margin, range.high + margin};
}

std::vector<double> ticks(Range range, int count) {
  const double width = range.high - range.low, wanted = std::max(count, 1);
  double step = width;
  double least = 1e300;
  const int power = static_cast<int>(std::floor(std::log10(width)));
  for (int i = power - 3; i <= power; ++i) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double candidate = factor * std::pow(10, i);
      const double error = std::abs(std::log(width / candidate / wanted));
      if (error < least) {
        least = error;
        step = candidate;
      }
    }
  }
  std::vector<double> result;
  for (double i = std::ceil(range.low / step - 1e-9); i * step <= range.high + 1e-9 * step; ++i)
    result.push_back(i * step + 0.0);
  return result;
}

}  // namespace rectify::report
