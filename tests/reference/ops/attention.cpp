#include <algorithm>
#include <cmath>

#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

/// One head of one sequence: where its numbers are, in values (.., T, C) and (.., T, 3 C).
struct Head {
  std::int64_t places, width, channels;
  std::int64_t sequence, head;
  bool causal;

  /// Number e of the query (part 0), key (1) or value (2) of place t.
  std::size_t at(std::int64_t part, std::int64_t t, std::int64_t e) const {
    return static_cast<std::size_t>((sequence * places + t) * 3 * channels + part * channels +
                                    head * width + e);
  }
  /// Number e of the answer of place t.
  std::size_t at(std::int64_t t, std::int64_t e) const {
    return static_cast<std::size_t>((sequence * places + t) * channels + head * width + e);
  }
  std::int64_t seen(std::int64_t t) const { return causal ? t + 1 : places; }

  /// How much place t takes of each place.
  std::vector<double> shares(const std::vector<double>& x, std::int64_t t) const {
    std::vector<double> p(static_cast<std::size_t>(seen(t)));
    for (std::int64_t s = 0; s < seen(t); ++s) {
      for (std::int64_t e = 0; e < width; ++e) p[s] += x[at(0, t, e)] * x[at(1, s, e)];
      p[s] /= std::sqrt(static_cast<double>(width));
    }
    const double top = *std::max_element(p.begin(), p.end());
    double sum = 0;
    for (double& v : p) sum += v = std::exp(v - top);
    for (double& v : p) v /= sum;
    return p;
  }
};

/// Calls visit(head) for each head of each sequence of x (.., T, 3 C), the node's i-th input.
template <class Visit>
void each_head(const Context& c, std::size_t i, const Visit& visit) {
  const Shape& shape = c.shape(i);
  const std::int64_t heads = c.node.attributes.integer("heads");
  Head h{.places = shape[shape.rank() - 2],
         .width = shape.back() / 3 / heads,
         .channels = shape.back() / 3,
         .causal = c.node.attributes.word("causal") == "yes"};
  const auto sequences = static_cast<std::int64_t>(c.in(i).size()) / (h.places * 3 * h.channels);
  for (h.sequence = 0; h.sequence < sequences; ++h.sequence)
    for (h.head = 0; h.head < heads; ++h.head) visit(h);
}

void forward(Context& c) {
  each_head(c, 0, [&](const Head& h) {
    for (std::int64_t t = 0; t < h.places; ++t) {
      const std::vector<double> p = h.shares(c.in(0), t);
      for (std::int64_t s = 0; s < h.seen(t); ++s)
        for (std::int64_t e = 0; e < h.width; ++e)
          c.output[h.at(t, e)] += p[s] * c.in(0)[h.at(2, s, e)];
    }
  });
}

void gradient(Context& c) {
  const std::vector<double>&dy = c.in(0), &x = c.in(1);
  each_head(c, 1, [&](const Head& h) {
    const double scale = 1 / std::sqrt(static_cast<double>(h.width));
    for (std::int64_t t = 0; t < h.places; ++t) {
      const std::vector<double> p = h.shares(x, t);
      std::vector<double> dp(p.size());
      double mean = 0;
      for (std::int64_t s = 0; s < h.seen(t); ++s) {
        for (std::int64_t e = 0; e < h.width; ++e) dp[s] += dy[h.at(t, e)] * x[h.at(2, s, e)];
        mean += p[s] * dp[s];
      }
      for (std::int64_t s = 0; s < h.seen(t); ++s) {
        const double ds = p[s] * (dp[s] - mean) * scale;
        for (std::int64_t e = 0; e < h.width; ++e) {
          c.output[h.at(0, t, e)] += ds * x[h.at(1, s, e)];
          c.output[h.at(1, s, e)] += ds * x[h.at(0, t, e)];
          c.output[h.at(2, s, e)] += p[s] * dy[h.at(t, e)];
        }
      }
    }
  });
}

}  // namespace

std::span<const Loop> attention() {
  static const Loop all[] = {{"attention", forward}, {"attention_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
