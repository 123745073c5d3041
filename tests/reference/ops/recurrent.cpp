#include "rectify/graph/activate.h"
#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

/// x[t] + h[t-1] U for the row at `first` of (sequences, T, H), the place t of its sequence.
std::vector<double> sums_of(const std::vector<double>& x, const std::vector<double>& h,
                            const std::vector<double>& u, std::size_t first, std::size_t t,
                            std::size_t units) {
  std::vector<double> sums(x.begin() + static_cast<std::ptrdiff_t>(first),
                           x.begin() + static_cast<std::ptrdiff_t>(first + units));
  for (std::size_t i = 0; t > 0 && i < units; ++i)
    for (std::size_t j = 0; j < units; ++j) sums[j] += h[first - units + i] * u[i * units + j];
  return sums;
}

struct Sizes {
  std::size_t places, units;
  explicit Sizes(const Context& c)
      : places(static_cast<std::size_t>(c.shape(0)[c.shape(0).rank() - 2])),
        units(static_cast<std::size_t>(c.shape(0).back())) {}
};

void forward(Context& c) {
  const activation::Row& row = graph::activation_row(c.node);
  const activation::Parameters p = graph::activation_parameters(c.node);
  const Sizes s(c);
  for (std::size_t r = 0; r < c.output.size() / s.units; ++r) {
    const std::vector<double> a =
        sums_of(c.in(0), c.output, c.in(1), r * s.units, r % s.places, s.units);
    for (std::size_t j = 0; j < s.units; ++j) c.output[r * s.units + j] = row.value(a[j], p);
  }
}

void gradient(Context& c) {
  const activation::Row& row = graph::activation_row(c.node);
  const activation::Parameters p = graph::activation_parameters(c.node);
  const Sizes s(c);
  const std::vector<double>&dh = c.in(0), &u = c.in(2);
  for (std::size_t r = dh.size() / s.units; r-- > 0;) {
    const std::size_t t = r % s.places, first = r * s.units;
    const std::vector<double> a = sums_of(c.in(1), c.in(3), u, first, t, s.units);
    for (std::size_t j = 0; j < s.units; ++j) {
      double total = dh[first + j];
      for (std::size_t i = 0; t + 1 < s.places && i < s.units; ++i)
        total += c.output[first + s.units + i] * u[j * s.units + i];
      c.output[first + j] = total * row.slope(a[j], p);
    }
  }
}

void earlier(Context& c) {
  const Sizes s(c);
  for (std::size_t i = 0; i < c.output.size(); ++i)
    c.output[i] = i / s.units % s.places == 0 ? 0 : c.in(0)[i - s.units];
}

}  // namespace

std::span<const Loop> recurrent() {
  static const Loop all[] = {
      {"recurrent", forward}, {"recurrent_gradient", gradient}, {"recurrent_earlier", earlier}};
  return all;
}

}  // namespace rectify::run::reference::ops
