#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <span>

#include "rectify/base/thread_pool.h"
#include "rectify/data/dataset.h"
#include "rectify/model/model.h"
#include "rectify/run/plan.h"

namespace rectify::diagnose {

/// Runs a model in inference over the samples of `split` with these numbers, batch by batch;
/// `look` sees the plan, with the values in `keep`, after each batch. Always the same batches.
void run_over(const model::Model& model, const data::Dataset& dataset, const data::Split& split,
              std::span<const std::uint32_t> samples, const std::set<graph::NodeId>& keep,
              ThreadPool& threads, const std::function<void(const run::Plan&)>& look);

/// `count` of `from` at equal distances; all of them where there are no more.
std::vector<std::uint32_t> spread_over(std::span<const std::uint32_t> from, std::size_t count);

}  // namespace rectify::diagnose
