#pragma once

#include <cstdint>
#include <span>

#include "rectify/data/dataset.h"
#include "rectify/run/plan.h"

namespace rectify::model {

/// The labels of `sample`: one, or one for each place of a text.
std::span<const std::int32_t> labels_of(const data::Split& split, std::size_t sample);

/// Copies normalised samples and their targets into a plan's inputs.
void fill(run::Plan& plan, const graph::Graph& graph, const data::Dataset& dataset,
          const data::Split& split, std::span<const std::uint32_t> samples,
          const data::Normalisation& normalisation, ThreadPool& threads);

/// Copies the targets alone; does nothing for a graph without targets.
void fill_target(run::Plan& plan, const graph::Graph& graph, const data::Dataset& dataset,
                 const data::Split& split, std::span<const std::uint32_t> samples,
                 const data::Normalisation& normalisation);

}  // namespace rectify::model
