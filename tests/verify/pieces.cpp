#include "tests/verify/pieces.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace rectify {

namespace {

/// What is so near to a kink counts as on it.
constexpr double on_the_kink = 1e-11;

std::vector<double> kinks_of(const std::string& activation) {
  if (activation == "hard_tanh") return {-1, 1};
  if (activation == "relu6") return {0, 6};
  if (activation == "hard_sigmoid") return {-3, 3};
  return {0};
}

double value_of(const std::string& activation, double x, double slope) {
  if (activation == "relu") return x > 0 ? x : 0;
  if (activation == "leaky_relu") return x > 0 ? x : 0.2 * x;
  if (activation == "prelu") return x > 0 ? x : slope * x;
  if (activation == "hard_tanh") return x > 1 ? 1 : x < -1 ? -1 : x;
  if (activation == "relu6") return x > 6 ? 6 : x < 0 ? 0 : x;
  return x > 3 ? 1 : x < -3 ? 0 : (x + 3) / 6;  // hard_sigmoid
}

struct Corner {
  std::vector<double> x, sides;
  double value;
};

/// The least value in one simplex, and in those that it is cut into.
class Pieces {
 public:
  explicit Pieces(const Look& look) : look_(look) {}

  Corner at(std::vector<double> x) const {
    Corner corner{std::move(x), {}, 0};
    const std::vector<double> values = look_(corner.x, corner.sides);
    corner.value = *std::ranges::max_element(values);
    for (std::size_t a = 0; a < values.size(); ++a)
      for (std::size_t b = 0; b < a; ++b) corner.sides.push_back(values[a] - values[b]);
    return corner;
  }

  // A side that is negative at one corner and positive at another is 0 at one place of their edge:
  // with it in place of either corner the simplex becomes two.
  void cut(const std::vector<Corner>& corners, std::size_t side, Least& least) const {
    for (; side < corners[0].sides.size(); ++side) {
      const auto by_side = [&](const Corner& corner) { return corner.sides[side]; };
      const auto low = std::ranges::min_element(corners, {}, by_side),
                 high = std::ranges::max_element(corners, {}, by_side);
      const double a = by_side(*low), b = by_side(*high);
      if (a >= -on_the_kink || b <= on_the_kink) continue;
      std::vector<double> x(low->x.size());
      for (std::size_t i = 0; i < x.size(); ++i) x[i] = (b * low->x[i] - a * high->x[i]) / (b - a);
      const Corner middle = at(std::move(x));
      std::vector<Corner> half = corners;
      half[static_cast<std::size_t>(low - corners.begin())] = middle;
      cut(half, side, least);
      half = corners;
      half[static_cast<std::size_t>(high - corners.begin())] = middle;
      cut(half, side, least);
      return;
    }
    ++least.pieces;
    for (const Corner& corner : corners) {
      least.value = std::min(least.value, corner.value);
      least.size = std::max(least.size, std::abs(corner.value));
    }
  }

 private:
  const Look& look_;
};

}  // namespace

PieceNetwork::PieceNetwork(const model::Model& model, std::vector<std::string> activations) {
  const auto numbers = [&](const std::string& label) {
    const graph::NodeId id = model.graph.find(label);
    if (id < 0) return std::vector<double>();
    const run::ParameterSlot& slot = model.layout.slot_of(id);
    return std::vector<double>(model.parameters.data() + slot.offset,
                               model.parameters.data() + slot.offset + slot.size);
  };
  activations.push_back("");
  std::size_t prelus = 0;
  for (std::size_t l = 0; l < activations.size(); ++l) {
    const std::string dense = "dense" + std::to_string(l + 1);
    layers_.push_back({numbers(dense + ".weight"), numbers(dense + ".bias"), {}, activations[l]});
    if (activations[l] == "prelu")
      layers_.back().slopes = numbers("prelu" + std::to_string(++prelus) + ".a");
  }
}

std::vector<double> PieceNetwork::outputs(std::span<const double> x,
                                          std::vector<double>& sides) const {
  std::vector<double> from(x.begin(), x.end());
  for (const Layer& layer : layers_) {
    std::vector<double> z = layer.bias;
    for (std::size_t i = 0; i < from.size(); ++i)
      for (std::size_t o = 0; o < z.size(); ++o) z[o] += from[i] * layer.weight[i * z.size() + o];
    if (layer.activation == "maxout") {
      const std::size_t half = z.size() / 2;
      for (std::size_t o = 0; o < half; ++o) {
        sides.push_back(z[half + o] - z[o]);
        z[o] = std::max(z[o], z[half + o]);
      }
      z.resize(half);
    } else if (!layer.activation.empty()) {
      for (std::size_t o = 0; o < z.size(); ++o) {
        for (const double kink : kinks_of(layer.activation)) sides.push_back(z[o] - kink);
        const double slope = layer.slopes.empty() ? 0 : layer.slopes[o % layer.slopes.size()];
        z[o] = value_of(layer.activation, z[o], slope);
      }
    }
    from = std::move(z);
  }
  return from;
}

// The simplices of a box: one for each order of its axes, along which a path goes from the lowest
// corner to the highest (Kuhn 1960, "Some combinatorial lemmas in topology").
Least least_of_largest(const Look& look, std::span<const double> lower,
                       std::span<const double> upper) {
  const Pieces pieces(look);
  Least least{1e300, 0, 0};
  std::vector<std::size_t> order(lower.size());
  std::iota(order.begin(), order.end(), 0u);
  do {
    std::vector<double> x(lower.begin(), lower.end());
    std::vector<Corner> corners = {pieces.at(x)};
    for (const std::size_t axis : order) {
      x[axis] = upper[axis];
      corners.push_back(pieces.at(x));
    }
    pieces.cut(corners, 0, least);
  } while (std::next_permutation(order.begin(), order.end()));
  return least;
}

}  // namespace rectify
