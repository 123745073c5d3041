#include "rectify/verify/rule.h"

namespace rectify::verify::ops {

namespace {

// Each place of a sequence goes through the same weights.
std::size_t lower(Lowering& lowering, const graph::Node& node) {
  const auto in = static_cast<std::size_t>(lowering.shape(node, 1)[0]),
             out = static_cast<std::size_t>(lowering.shape(node, 1)[1]);
  const std::span<const float> w = lowering.numbers(node, 1), b = lowering.numbers(node, 2);
  const std::size_t from = lowering.layer_of(node), places = Lowering::width(node) / out;
  std::vector<double> bias(places * out);
  for (std::size_t i = 0; i < bias.size() && !b.empty(); ++i) bias[i] = b[i % out];
  if (places == 1)
    return lowering.add_affine(node, from, Matrix::of_dense(in, out, {w.begin(), w.end()}),
                               std::move(bias), static_cast<double>(in));
  std::vector<Entry> entries;
  for (std::size_t place = 0; place < places; ++place)
    for (std::size_t i = 0; i < w.size(); ++i)
      entries.push_back({static_cast<std::uint32_t>(place * in + i / out),
                         static_cast<std::uint32_t>(place * out + i % out), w[i]});
  return lowering.add_affine(node, from,
                             Matrix::of_entries(places * in, places * out, std::move(entries)),
                             std::move(bias), static_cast<double>(in));
}

}  // namespace

std::span<const Rule> dense() {
  static const Rule all[] = {{.op = "dense", .lower = lower}};
  return all;
}

}  // namespace rectify::verify::ops
