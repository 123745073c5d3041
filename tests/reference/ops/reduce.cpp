#include <algorithm>
#include <cmath>
#include <string>

#include "rectify/base/error.h"
#include "tests/reference/samples.h"

namespace rectify::run::reference::ops {

namespace {

double value(const std::string& f, const std::vector<double>& v) {
  double sum = 0, absolute = 0, squares = 0, product = 1, exponentials = 0;
  for (const double x : v) {
    sum += x;
    absolute += std::abs(x);
    squares += x * x;
    product *= x;
    exponentials += std::exp(x);
  }
  const auto [low, high] = std::ranges::minmax_element(v);
  if (f == "argmax") return static_cast<double>(std::ranges::max_element(v) - v.begin());
  if (f == "argmin") return static_cast<double>(std::ranges::min_element(v) - v.begin());
  if (f == "l1") return absolute;
  if (f == "l2") return std::sqrt(squares);
  if (f == "log_sum") return std::log(sum);
  if (f == "log_sum_exp") return std::log(exponentials);
  if (f == "max") return *high;
  if (f == "mean") return sum / static_cast<double>(v.size());
  if (f == "min") return *low;
  if (f == "product") return product;
  if (f == "sum") return sum;
  if (f == "sum_square") return squares;
  fail("no reference for ", f);
}

void forward(Context& c) {
  const std::vector<std::int64_t> axes = graph::list_attribute(c.node, "axes");
  std::vector<std::int64_t> part(c.shape(0).rank(), 1);
  for (const std::int64_t axis : axes)
    part[static_cast<std::size_t>(axis)] = c.shape(0)[static_cast<std::size_t>(axis)];
  fill(c, [&](std::int64_t sample, const Index& index) {
    std::vector<double> elements;
    each_index(Shape(part), [&](Index inner) {
      for (std::size_t i = 0; i < inner.size(); ++i) inner[i] += index[i];
      elements.push_back(at(c, 0, sample, inner));
    });
    return value(c.node.attributes.word("function"), elements);
  });
}

}  // namespace

std::span<const Loop> reduce() {
  static const Loop all[] = {{"reduce", forward}};
  return all;
}

}  // namespace rectify::run::reference::ops
