#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "rectify/graph/graph.h"
#include "rectify/model/model.h"
#include "rectify/verify/network.h"

namespace rectify::verify {

/// A network that is being made from a model's graph. The rules of rules/ append to it.
class Lowering {
 public:
  explicit Lowering(const model::Model& model);

  const graph::Graph& graph() const { return model_.graph; }
  Network& network() { return network_; }
  /// The layer that holds a node's input. Throws Error, which names the node, for an input that is
  /// no value of the network.
  std::size_t layer_of(const graph::Node& node, std::size_t input = 0) const;
  /// The numbers of a parameter or a state that the node reads; empty where it has no such input.
  std::span<const float> numbers(const graph::Node& node, std::size_t input) const;
  /// The shape of an input.
  const Shape& shape(const graph::Node& node, std::size_t input) const;
  /// Numbers of the node's own value.
  static std::size_t width(const graph::Node& node);

  /// Appends an affine layer of one term. `products`: how many are summed for a number; 0: the
  /// float network computes the layer without any error.
  std::size_t add_affine(const graph::Node& node, std::size_t from, Matrix matrix,
                         std::vector<double> bias, double products);
  std::size_t add_relu(const graph::Node& node, std::size_t source);
  std::size_t add_curve(const graph::Node& node, std::size_t source, Curve curve);
  std::size_t add(Layer layer);
  /// Appends (x - mean) factor, of means and factors in turn. The difference of numbers below 2^126
  /// does not overflow; of a larger mean nothing will be proven.
  std::size_t add_centred(const graph::Node& node, std::size_t from, std::span<const double> means,
                          std::span<const double> factors, double products);

  /// Appends what is the largest of some numbers of a layer: a group for each number.
  std::size_t add_largest(const graph::Node& node, std::size_t from,
                          std::vector<std::vector<std::size_t>> groups);

  std::vector<std::size_t> of_node;  ///< the layer of each node's value; none: no layer
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

 private:
  const model::Model& model_;
  Network network_;
};

/// A number by which kernels multiply as they hold it, in float32. Of one in float32's range its
/// rounding is in float_rounding(), so it stays as it is; a smaller one may well become 0, and a
/// larger one infinite.
double as_kernels_hold(double factor);

/// How an operator becomes layers.
struct Rule {
  std::string_view op;
  /// Appends the layers of a node and returns the one that holds its value.
  std::size_t (*lower)(Lowering& lowering, const graph::Node& node) = nullptr;
};

/// All rules of all files in rules/ (the build collects them).
std::span<const Rule* const> rules();

/// The elements of an image that lie in a pooling node's window at each of its places, channel by
/// channel: a group for each number of the node's value.
std::vector<std::vector<std::size_t>> window_groups(const Lowering& lowering,
                                                    const graph::Node& node);

}  // namespace rectify::verify
