#include "rectify/activation/tails.h"

#include <cmath>
#include <functional>
#include <limits>

#include "rectify/base/text.h"

namespace rectify::activation {
namespace {

using Function = std::function<double(double)>;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double far = 1 << 20;  // beyond every feature of a row, far below overflow

/// Whether a and b are equal up to the rounding of numbers as large as `size`.
bool agree(double a, double b, double size) {
  return std::abs(a - b) <= 1e-9 * std::max(1.0, std::abs(size));
}

/// The point from which f, on the right, is exactly the line; NaN when f only approaches it. The
/// difference just before rounding hides it tells the two cases apart. A function that meets the
/// line has a visible difference 1/64 before the meeting point; one that approaches it does not.
double meeting_point(const Function& f, double factor, double offset) {
  const auto difference = [&](double x) { return f(x) - (factor * x + offset); };
  const auto hidden = [&](double x) {
    return std::abs(difference(x)) <= 4e-16 * std::max(std::abs(f(x)), std::abs(offset));
  };
  double reach = 16;
  while (reach < 4096 && !hidden(reach)) reach *= 2;
  if (!hidden(reach)) return nan;
  double x = reach;
  constexpr double step = 1.0 / 64;
  while (x > -reach && hidden(x - step)) x -= step;
  if (x <= -reach) return -infinity;  // a line everywhere
  constexpr double visible = 1e-6;
  if (std::abs(difference(x - step)) < visible) return nan;
  double low = x - step, high = x;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (hidden(middle) ? high : low) = middle;
  }
  return std::round(high * 1e6) / 1e6 + 0.0;
}

/// The right tail of f, whose derivative is `slope`.
Tail tail_of(const Function& f, const Function& slope) {
  Tail tail = {f(infinity), slope(infinity), Tail::Kind::none, 0, 0, 0, nan, false};
  if (std::isnan(tail.value)) return tail;
  if (std::isfinite(tail.value)) {
    tail.offset = tail.value;
  } else if (std::isfinite(tail.slope) && tail.slope != 0) {
    tail.factor = tail.slope;
    tail.power = 1;
    tail.offset = f(far) - tail.factor * far;
    if (agree(tail.offset, 0, 0)) tail.offset = 0;
    if (!agree(f(2 * far) - tail.factor * 2 * far, tail.offset, 1)) return tail;  // no line
  } else {
    tail.power = std::round(1e3 * std::log2(f(2 * far) / f(far))) / 1e3;
    if (!(tail.power > 0 && tail.power < 16)) return tail;
    tail.factor = f(far) / std::pow(far, tail.power);
    tail.kind = Tail::Kind::power;
    return tail;
  }
  tail.from = meeting_point(f, tail.factor, tail.offset);
  tail.kind = std::isnan(tail.from) ? Tail::Kind::approaches : Tail::Kind::equals;
  const double line = tail.factor * tail.from + tail.offset;
  tail.holds_at_from = std::isinf(tail.from) || agree(f(tail.from), line, line);
  return tail;
}

std::string number(double v) { return number_text(std::round(v * 1e4) / 1e4 + 0.0); }

/// The line as text: "0.01 x + 2", "x", "0".
std::string line_text(double factor, double offset) {
  if (factor == 0) return number(offset);
  const std::string x = factor == 1 ? "x" : factor == -1 ? "-x" : number(factor) + " x";
  if (offset == 0) return x;
  return x + (offset < 0 ? " - " : " + ") + number(std::abs(offset));
}

}  // namespace

Tail right_tail(const Row& row, const Parameters& p) {
  return tail_of([&](double x) { return row.value(x, p); },
                 [&](double x) { return row.slope(x, p); });
}

Tail left_tail(const Row& row, const Parameters& p) {
  Tail tail = tail_of([&](double x) { return row.value(-x, p); },
                      [&](double x) { return -row.slope(-x, p); });
  tail.slope = -tail.slope + 0.0;
  tail.from = -tail.from + 0.0;
  if (tail.kind != Tail::Kind::power) tail.factor = -tail.factor + 0.0;
  return tail;
}

std::string text_of(const Tail& tail, bool left) {
  switch (tail.kind) {
    case Tail::Kind::equals: {
      const std::string line = "is " + line_text(tail.factor, tail.offset);
      if (std::isinf(tail.from)) return line + " everywhere";
      return line + (left ? " for x <" : " for x >") + (tail.holds_at_from ? "= " : " ") +
             number(tail.from);
    }
    case Tail::Kind::approaches:
      return "approaches " + line_text(tail.factor, tail.offset);
    case Tail::Kind::power: {
      const std::string factor = tail.factor == 1 ? "" : number(tail.factor) + " ";
      return "grows as " + factor + (left ? "|x|^" : "x^") + number(tail.power);
    }
    case Tail::Kind::none:
      break;
  }
  if (std::isnan(tail.value)) return "has no limit";
  return tail.value > 0 ? "grows without bound" : "falls without bound";
}

}  // namespace rectify::activation
