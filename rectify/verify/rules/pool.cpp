// The four operators that choose from or average groups of numbers.

#include "rectify/verify/rule.h"

namespace rectify::verify::ops {

namespace {

std::size_t largest_of_windows(Lowering& lowering, const graph::Node& node) {
  return lowering.add_largest(node, lowering.layer_of(node), window_groups(lowering, node));
}

/// y[j] = max over i of x[i n + j], for each place of a sequence.
std::size_t largest_of_pieces(Lowering& lowering, const graph::Node& node) {
  const auto pieces = static_cast<std::size_t>(node.attributes.integer("pieces"));
  const auto n = static_cast<std::size_t>(node.type.shape.back());
  std::vector<std::vector<std::size_t>> groups(Lowering::width(node));
  for (std::size_t place = 0; place < groups.size(); ++place)
    for (std::size_t i = 0; i < pieces; ++i)
      groups[place].push_back(place / n * n * pieces + i * n + place % n);
  return lowering.add_largest(node, lowering.layer_of(node), std::move(groups));
}

std::size_t add_means(Lowering& lowering, const graph::Node& node,
                      const std::vector<std::vector<std::size_t>>& groups) {
  std::vector<Entry> entries;
  std::size_t most = 0;
  for (std::size_t place = 0; place < groups.size(); ++place) {
    most = std::max(most, groups[place].size());
    for (const std::size_t element : groups[place])
      entries.push_back({static_cast<std::uint32_t>(element), static_cast<std::uint32_t>(place),
                         1 / static_cast<double>(groups[place].size())});
  }
  const std::size_t from = lowering.layer_of(node);
  const std::size_t layer = lowering.add_affine(
      node, from,
      Matrix::of_entries(lowering.network().layers[from].width, groups.size(), std::move(entries)),
      {}, static_cast<double>(most));
  lowering.network().layers[layer].growth = static_cast<double>(most);  // summed, then divided
  return layer;
}

// Padding does not count: at a border the mean is over fewer elements.
std::size_t mean_of_windows(Lowering& lowering, const graph::Node& node) {
  return add_means(lowering, node, window_groups(lowering, node));
}

std::size_t mean_of_channels(Lowering& lowering, const graph::Node& node) {
  std::vector<std::vector<std::size_t>> groups(Lowering::width(node));
  const auto elements = static_cast<std::size_t>(lowering.shape(node, 0).size());
  for (std::size_t i = 0; i < elements; ++i) groups[i % groups.size()].push_back(i);
  return add_means(lowering, node, groups);
}

}  // namespace

std::span<const Rule> pool() {
  static const Rule all[] = {{.op = "max_pool", .lower = largest_of_windows},
                             {.op = "maxout", .lower = largest_of_pieces},
                             {.op = "avg_pool", .lower = mean_of_windows},
                             {.op = "global_avg_pool", .lower = mean_of_channels}};
  return all;
}

}  // namespace rectify::verify::ops
