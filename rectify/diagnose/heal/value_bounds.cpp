#include "rectify/diagnose/heal/value_bounds.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

#include "rectify/diagnose/heal/links.h"
#include "rectify/diagnose/heal/surgery.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/window.h"

namespace rectify::diagnose {

using graph::Graph;
using graph::Node;
using graph::NodeId;

namespace {

using Intervals = std::vector<Interval>;

constexpr double unit_roundoff = 0x1p-24;
constexpr double underflow = 0x1p-126;
/// Roundings beside the n of a sum of n products: the bias, a batch_norm that is folded in, and
/// the sums here, which are in double precision.
constexpr double spare = 12;
/// Of Winograd's algorithm: the largest sum, over the pixels of one axis, of |A'_ip G_pk B'_pl|
/// summed over points (13.25 at its points), and the roundings of its three changes of both axes.
constexpr double winograd_growth = 13.25, winograd_roundings = 64;

double size_of(const Interval& x) { return std::max(std::abs(x.low), std::abs(x.high)); }

/// g(n), the relative error of a sum of n products.
double sum_error(double n) { return n * unit_roundoff / (1 - n * unit_roundoff); }

/// Sums of products of intervals with known factors: their middles, half their widths, and the sums
/// of the products' sizes.
class BoundedSums {
 public:
  explicit BoundedSums(std::size_t sums) : middle_(sums), radius_(sums), size_(sums) {}

  /// Adds x w[i] to the sum `first` + i for each i.
  void add(const Interval& x, std::span<const float> w, std::size_t first = 0) {
    const double middle = (x.low + x.high) / 2, radius = (x.high - x.low) / 2, size = size_of(x);
    for (std::size_t i = 0; i < w.size(); ++i) {
      const double factor = w[i], absolute = std::abs(factor);
      middle_[first + i] += middle * factor;
      radius_[first + i] += radius * absolute;
      size_[first + i] += size * absolute;
    }
  }

  /// One of them, of so many products, plus a constant, widened by what rounding may change.
  Interval widened(std::size_t i, double products, double constant = 0) const {
    const double size = size_[i] + std::abs(constant), middle = middle_[i] + constant;
    const double reach = radius_[i] + sum_error(products + spare) * size;
    const double slack = (products + spare) * underflow;
    return {middle - reach - slack, middle + reach + slack};
  }

 private:
  std::vector<double> middle_, radius_, size_;
};

/// Bounds of all values, node by node.
class Propagation {
 public:
  Propagation(const model::Model& model, const Intervals& inputs)
      : model_(model), graph_(model.graph), at_(static_cast<std::size_t>(graph_.size())) {
    for (NodeId id = 0; id < graph_.size(); ++id) bound(id, inputs);
  }
  std::vector<Intervals> take() { return std::move(at_); }

 private:
  using Rule = Intervals (Propagation::*)(const Node&);

  static Rule rule_of(std::string_view op) {
    static const std::map<std::string_view, Rule> rules = {
        {"dense", &Propagation::dense},
        {"conv", &Propagation::conv},
        {"batch_norm", &Propagation::batch_norm},
        {"activate", &Propagation::activate},
        {"max_pool", &Propagation::pool},
        {"avg_pool", &Propagation::pool},
        {"global_avg_pool", &Propagation::global_pool},
        {"flatten", &Propagation::same},
        {"dropout", &Propagation::same},
        {"add", &Propagation::add}};
    const auto found = rules.find(op);
    return found == rules.end() ? nullptr : found->second;
  }

  void bound(NodeId id, const Intervals& inputs) {
    const Node& node = graph_.node(id);
    if (node.op->name == "input" && node.type.element == Element::float32) at_[id] = inputs;
    const Rule rule = rule_of(node.op->name);
    if (!rule) return;
    for (const NodeId input : node.inputs)
      if (!graph_.node(input).op->given && !graph_.node(input).op->part && at_[input].empty())
        return;
    if (at_[node.inputs[0]].empty()) return;
    Intervals y = (this->*rule)(node);
    // A weight that is not finite leaves nothing to say.
    if (std::ranges::all_of(y, [](const Interval& x) { return x.low <= x.high; }))
      at_[id] = std::move(y);
  }

  const Intervals& input(const Node& node, std::size_t i = 0) const { return at_[node.inputs[i]]; }
  std::span<const float> numbers(NodeId id) const { return numbers_of(model_, id); }
  /// A layer's bias; 0 where it has none.
  double bias(const Node& layer, std::size_t unit) const {
    return layer.inputs.size() > 2 ? numbers(layer.inputs[2])[unit] : 0;
  }

  Intervals dense(const Node& node) {
    const Intervals& x = input(node);
    const std::span<const float> w = numbers(node.inputs[1]);
    const Shape& shape = graph_.input(node, 1).type.shape;
    const auto in = static_cast<std::size_t>(shape[0]), out = static_cast<std::size_t>(shape[1]);
    Intervals y;
    for (std::size_t first = 0; first < x.size(); first += in) {
      BoundedSums sums(out);
      for (std::size_t i = 0; i < in; ++i) sums.add(x[first + i], w.subspan(i * out, out));
      for (std::size_t o = 0; o < out; ++o)
        y.push_back(sums.widened(o, static_cast<double>(in), bias(node, o)));
    }
    return y;
  }

  Intervals conv(const Node& node);
  std::vector<double> winograd_slack(const Node& node, const graph::Window& window) const;

  Intervals batch_norm(const Node& node) {
    const Intervals& x = input(node);
    const NormNumbers of = norm_numbers(graph_, static_cast<NodeId>(graph_.find(node.label)));
    const auto mean = numbers(of.mean), variance = numbers(of.variance);
    Intervals y;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t c = i % mean.size();
      const double scale = of.scale < 0 ? 1 : numbers(of.scale)[c];
      const double shift = of.shift < 0 ? 0 : numbers(of.shift)[c];
      const double factor = scale / std::sqrt(variance[c] + node.attributes.number("epsilon"));
      const double a = (x[i].low - mean[c]) * factor, b = (x[i].high - mean[c]) * factor;
      const double size = (size_of(x[i]) + std::abs(mean[c])) * std::abs(factor) + std::abs(shift);
      const double slack = sum_error(16) * size + spare * underflow;
      y.push_back({std::min(a, b) + shift - slack, std::max(a, b) + shift + slack});
    }
    return y;
  }

  Intervals activate(const Node& node) {
    const activation::Bounds bounds(graph::activation_row(node),
                                    graph::activation_parameters(node));
    Intervals y;
    for (const Interval& x : input(node)) y.push_back(bounds(x));
    return y;
  }

  /// The largest and the mean of a window both lie between its least low and its greatest high.
  Intervals pool(const Node& node) {
    const bool mean = node.op->name == "avg_pool";
    const graph::Window window = graph::window_over(graph_, node);
    const auto channels = static_cast<std::size_t>(graph::image_of(graph_, node).back());
    Intervals y;
    for_each_place(window, [&](std::int64_t row, std::int64_t column) {
      for (std::size_t c = 0; c < channels; ++c) {
        Interval hull = nothing, largest = {nothing.high, nothing.high};
        for_each_tap(window, row, column, [&](std::size_t pixel, std::size_t) {
          const Interval& x = input(node)[pixel * channels + c];
          hull = {std::min(hull.low, x.low), std::max(hull.high, x.high)};
          largest = {std::max(largest.low, x.low), std::max(largest.high, x.high)};
        });
        const double taps = static_cast<double>(window.y.size * window.x.size);
        y.push_back(mean ? wider(hull, taps) : largest);
      }
    });
    return y;
  }

  Intervals global_pool(const Node& node) {
    const Intervals& x = input(node);
    const auto channels = static_cast<std::size_t>(node.type.shape.size());
    const std::size_t places = x.size() / channels;
    const float share = 1 / static_cast<float>(places);
    BoundedSums sums(channels);
    for (std::size_t i = 0; i < x.size(); ++i) sums.add(x[i], {&share, 1}, i % channels);
    Intervals y;
    for (std::size_t c = 0; c < channels; ++c)
      y.push_back(sums.widened(c, static_cast<double>(places)));
    return y;
  }

  Intervals same(const Node& node) { return input(node); }

  Intervals add(const Node& node) {
    Intervals y = input(node);
    for (std::size_t i = 1; i < node.inputs.size(); ++i)
      for (std::size_t j = 0; j < y.size(); ++j) {
        const Interval& x = input(node, i)[j];
        y[j] = wider({y[j].low + x.low, y[j].high + x.high}, 1);
      }
    return y;
  }

  static constexpr Interval nothing = {std::numeric_limits<double>::infinity(),
                                       -std::numeric_limits<double>::infinity()};

  static Interval wider(const Interval& x, double roundings) {
    const double slack = sum_error(roundings + spare) * size_of(x) + spare * underflow;
    return {x.low - slack, x.high + slack};
  }

  template <class Look>
  static void for_each_place(const graph::Window& window, Look&& look) {
    for (std::int64_t row = 0; row < window.y.out; ++row)
      for (std::int64_t column = 0; column < window.x.out; ++column) look(row, column);
  }

  /// Calls look(pixel, tap) for the taps of one place that fall on the image.
  template <class Look>
  static void for_each_tap(const graph::Window& window, std::int64_t row, std::int64_t column,
                           Look&& look) {
    const auto& [y, x] = window;
    for (std::int64_t i = 0; i < y.size; ++i)
      for (std::int64_t j = 0; j < x.size; ++j) {
        const std::int64_t at_y = row * y.stride + i * y.dilation - y.before;
        const std::int64_t at_x = column * x.stride + j * x.dilation - x.before;
        if (at_y < 0 || at_y >= y.in || at_x < 0 || at_x >= x.in) continue;
        look(static_cast<std::size_t>(at_y * x.in + at_x),
             static_cast<std::size_t>(i * x.size + j));
      }
  }

  const model::Model& model_;
  const Graph& graph_;
  std::vector<Intervals> at_;
};

// Output o belongs to group o / (units / groups), which reads as many channels as the weight has.
Intervals Propagation::conv(const Node& node) {
  const Intervals& x = input(node);
  const graph::Window window = graph::window_over(graph_, node);
  const Shape& shape = graph_.input(node, 1).type.shape;
  const auto in = static_cast<std::size_t>(shape[2]), units = static_cast<std::size_t>(shape[3]);
  const auto channels = static_cast<std::size_t>(graph::image_of(graph_, node).back());
  const std::size_t of_group = units / (channels / in);
  const std::span<const float> w = numbers(node.inputs[1]);
  const double products = static_cast<double>(shape.size()) / static_cast<double>(units);
  const std::vector<double> slack = winograd_slack(node, window);
  Intervals y;
  for_each_place(window, [&](std::int64_t row, std::int64_t column) {
    BoundedSums sums(units);
    for_each_tap(window, row, column, [&](std::size_t pixel, std::size_t tap) {
      for (std::size_t c = 0; c < channels; ++c) {
        const std::size_t first = c / in * of_group;
        sums.add(x[pixel * channels + c], w.subspan((tap * in + c % in) * units + first, of_group),
                 first);
      }
    });
    for (std::size_t o = 0; o < units; ++o) {
      const Interval direct = sums.widened(o, products, bias(node, o));
      y.push_back({direct.low - slack[o], direct.high + slack[o]});
    }
  });
  return y;
}

// A result of the algorithm is the sum over channels, taps (k, k') and pixels (l, l') of a patch of
// g d T_kl T_k'l', whose exact parts cancel where they should; each term is rounded relative to
// itself. So the error is at most g(n) times the sum over channels of the largest |d| of the image,
// times the sum of the |g|, times the square of the largest sum of T over pixels.
std::vector<double> Propagation::winograd_slack(const Node& node,
                                                const graph::Window& window) const {
  const Shape& shape = graph_.input(node, 1).type.shape;
  const auto in = static_cast<std::size_t>(shape[2]), units = static_cast<std::size_t>(shape[3]);
  std::vector<double> slack(units);
  const auto is_3x3 = [](const graph::WindowAxis& a) {
    return a.size == 3 && a.stride == 1 && a.dilation == 1;
  };
  const std::int64_t channels = graph::image_of(graph_, node).back();
  if (!is_3x3(window.y) || !is_3x3(window.x) || channels != shape[2]) return slack;
  std::vector<double> largest(in);
  const Intervals& x = input(node);
  for (std::size_t i = 0; i < x.size(); ++i)
    largest[i % in] = std::max(largest[i % in], size_of(x[i]));
  const std::span<const float> w = numbers(node.inputs[1]);
  for (std::size_t i = 0; i < w.size(); ++i)
    slack[i % units] += std::abs(w[i]) * largest[i / units % in];
  const double terms = static_cast<double>(in) + winograd_roundings;
  for (double& of_unit : slack)
    of_unit = winograd_growth * winograd_growth * sum_error(terms) * of_unit + terms * underflow;
  return slack;
}

}  // namespace

verify::Box stored_bounds(const data::Dataset& dataset, const std::optional<Interval>& given) {
  const std::size_t features = dataset.features();
  std::vector<float> low(features, std::numeric_limits<float>::infinity()), high(features);
  std::ranges::transform(low, high.begin(), std::negate());
  const auto see = [&](const auto& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto value = static_cast<float>(values[i]);
      low[i % features] = std::min(low[i % features], value);
      high[i % features] = std::max(high[i % features], value);
    }
  };
  for (const data::Split* split : {&dataset.train, &dataset.test})
    see(split->bytes), see(split->values);
  if (given) {
    std::ranges::fill(low, static_cast<float>(given->low));
    std::ranges::fill(high, static_cast<float>(given->high));
  }
  return {{low.begin(), low.end()}, {high.begin(), high.end()}};
}

std::vector<Interval> input_bounds(const data::Dataset& dataset,
                                   const data::Normalisation& normalisation,
                                   const std::optional<Interval>& given) {
  const std::size_t features = dataset.features();
  const verify::Box stored = stored_bounds(dataset, given);
  std::vector<float> low(stored.lower.begin(), stored.lower.end()),
      high(stored.upper.begin(), stored.upper.end());
  // The scaling is a difference and a product, which round upwards what is larger: the ends of an
  // interval become the ends of the interval of what is between them.
  data::scale(low, features, normalisation.inputs, low.data());
  data::scale(high, features, normalisation.inputs, high.data());
  std::vector<Interval> bounds;
  for (std::size_t i = 0; i < features; ++i)
    bounds.push_back({std::min(low[i], high[i]), std::max(low[i], high[i])});
  return bounds;
}

std::vector<std::vector<Interval>> value_bounds(const model::Model& model,
                                                const std::vector<Interval>& inputs) {
  return Propagation(model, inputs).take();
}

// A row has exact zeros only where whole intervals map to 0 by its definition, not where a tail
// underflows.
ZeroTest::ZeroTest(const Node& activation)
    : row_(graph::activation_row(activation)), p_(graph::activation_parameters(activation)) {
  possible_ = activation.op->name == "activate" && activation::properties(row_, p_).exact_zeros;
  if (possible_) turns_ = activation::turning_points(row_, p_);
}

// The ends get a margin, because a kernel may put a kink such as hard_sigmoid's -3 an ulp or two
// elsewhere; relu's, at 0, it cannot.
bool ZeroTest::operator()(const Interval& x) const {
  if (!possible_) return false;
  constexpr double margin = 1e-6;
  const double low = x.low - margin * std::abs(x.low), high = x.high + margin * std::abs(x.high);
  const auto zero_at = [&](double at) { return row_.value(std::clamp(at, low, high), p_) == 0; };
  return zero_at(low) && zero_at(high) && std::ranges::all_of(turns_, zero_at);
}

}  // namespace rectify::diagnose
