#include "rectify/diagnose/heal/values.h"

#include <algorithm>
#include <limits>
#include <map>
#include <memory>

#include "rectify/model/evaluation_size.h"
#include "rectify/model/fill.h"

namespace rectify::diagnose {

void run_over(const model::Model& model, const data::Dataset& dataset, const data::Split& split,
              std::span<const std::uint32_t> samples, const std::set<graph::NodeId>& keep,
              ThreadPool& threads, const std::function<void(const run::Plan&)>& look) {
  constexpr std::size_t room = std::numeric_limits<std::size_t>::max();
  const std::size_t at_once = model::evaluation_size(model.graph, model.graph.result, room).samples;
  // A plan only reads the parameters.
  auto* parameters = const_cast<float*>(model.parameters.data());
  std::map<std::size_t, std::unique_ptr<run::Plan>> plans;
  for (std::size_t first = 0; first < samples.size(); first += at_once) {
    const auto part = samples.subspan(first, std::min(at_once, samples.size() - first));
    auto& plan = plans[part.size()];
    if (!plan)
      plan = std::make_unique<run::Plan>(
          model.graph, model.layout, parameters, threads,
          run::PlanOptions{.batch = static_cast<std::int64_t>(part.size()), .keep = keep});
    model::fill(*plan, model.graph, dataset, split, part, model.normalisation, threads);
    plan->run({});
    look(*plan);
  }
}

std::vector<std::uint32_t> spread_over(std::span<const std::uint32_t> from, std::size_t count) {
  if (from.size() <= count) return {from.begin(), from.end()};
  std::vector<std::uint32_t> taken;
  for (std::size_t i = 0; i < count; ++i) taken.push_back(from[i * from.size() / count]);
  return taken;
}

}  // namespace rectify::diagnose
