#include "rectify/pretrain/rows_feed.h"

#include <algorithm>

namespace rectify::pretrain {

void RowsFeed::fill(run::Plan& plan, const graph::Graph& graph,
                    std::span<const std::uint32_t> samples) {
  const graph::NodeId chain = graph.find("chain");
  float* const rows = plan.input(graph.find("input"));
  float* const chains = chain < 0 ? nullptr : plan.input(chain);
  const std::size_t width =
      chain < 0 ? 0 : static_cast<std::size_t>(graph.node(chain).type.shape.size());
  constexpr std::size_t a_tile = 16;
  threads_.run((samples.size() + a_tile - 1) / a_tile, [&](std::size_t tile) {
    const std::size_t first = tile * a_tile, n = std::min(a_tile, samples.size() - first);
    rows_.copy(samples.subspan(first, n), rows + first * rows_.width());
    if (chains) std::copy_n(chain_->data() + first * width, n * width, chains + first * width);
  });
}

}  // namespace rectify::pretrain
