#include "rectify/diagnose/regions/merge.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "rectify/base/random.h"

namespace rectify::diagnose {

namespace {

/// Places nearer to a line than this are on it: far more than rounding, far less than a polygon.
constexpr double on_line = 1e-9;

/// The ends of the common stretch of two borders; nothing shorter than on_line.
bool share_stretch(Place a, Place b, Place c, Place d) {
  const double length = std::hypot(b.x - a.x, b.y - a.y);
  if (length < on_line) return false;
  const double x = (b.x - a.x) / length, y = (b.y - a.y) / length;
  const auto along = [&](Place p) { return (p.x - a.x) * x + (p.y - a.y) * y; };
  const auto away = [&](Place p) { return std::abs((p.y - a.y) * x - (p.x - a.x) * y); };
  if (away(c) > on_line || away(d) > on_line) return false;
  const double low = std::max(0.0, std::min(along(c), along(d)));
  const double high = std::min(length, std::max(along(c), along(d)));
  return high - low > on_line;
}

bool are_neighbours(const Cell& one, const Cell& other) {
  const std::size_t n = one.corners.size(), m = other.corners.size();
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < m; ++j)
      if (share_stretch(one.corners[i], one.corners[(i + 1) % n], other.corners[j],
                        other.corners[(j + 1) % m]))
        return true;
  return false;
}

/// Polygons that have been put together: each knows another one of its piece, or itself.
class MergedPolygons {
 public:
  explicit MergedPolygons(std::size_t n) : parent_(n), count_(n) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }
  std::size_t root(std::size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void merge(std::size_t i, std::size_t j) {
    if (root(i) == root(j)) return;
    parent_[root(i)] = root(j);
    --count_;
  }
  std::size_t count() const { return count_; }

 private:
  std::vector<std::size_t> parent_;
  std::size_t count_;
};

bool same_function(const FunctionPrint& a, const FunctionPrint& b, double largest) {
  const double scale = std::max({a.scale, b.scale, 1e-6 * largest});
  for (std::size_t i = 0; i < a.numbers.size(); ++i)
    if (std::abs(a.numbers[i] - b.numbers[i]) > 1e-9 * scale) return false;
  return true;
}

}  // namespace

FunctionPrint print_of(const AffineRows& outputs) {
  FunctionPrint print;
  const Random random(1);
  for (std::size_t i = 0; i < outputs.width; ++i) {
    const LinearForm form = outputs.form(i);
    const auto [first, second] = random.normal_pair(i);
    const std::array coefficients = {form.constant, form.x, form.y};
    for (std::size_t k = 0; k < 3; ++k) {
      print.numbers[k] += first * coefficients[k];
      print.numbers[3 + k] += second * coefficients[k];
      print.scale = std::max(print.scale, std::abs(coefficients[k]));
    }
  }
  return print;
}

std::size_t count_merged(const std::vector<Cell>& polygons,
                         const std::vector<FunctionPrint>& prints) {
  double largest = 0;
  for (const FunctionPrint& print : prints) largest = std::max(largest, print.scale);
  std::vector<std::size_t> order(polygons.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return prints[i].numbers[0]; });
  MergedPolygons pieces(polygons.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    for (std::size_t j = i + 1; j < order.size(); ++j) {
      const FunctionPrint &a = prints[order[i]], &b = prints[order[j]];
      if (b.numbers[0] - a.numbers[0] > 1e-9 * largest) break;
      if (pieces.root(order[i]) != pieces.root(order[j]) && same_function(a, b, largest) &&
          are_neighbours(polygons[order[i]], polygons[order[j]]))
        pieces.merge(order[i], order[j]);
    }
  return pieces.count();
}

}  // namespace rectify::diagnose
