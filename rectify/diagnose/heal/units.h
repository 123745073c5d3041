#pragma once

#include <cstddef>
#include <vector>

#include "rectify/diagnose/heal/links.h"
#include "rectify/diagnose/unit_figures.h"
#include "rectify/model/model.h"

namespace rectify::diagnose {

/// Units that gave exactly 0 on all samples. Others that are dead give another constant.
std::vector<std::size_t> silent_units(const LayerFigures& figures);

/// The middle one of the deviations of the pre-activations of a layer's living units; 1 where
/// there are none.
double usual_deviation(const LayerFigures& figures);

/// The parameters that a factor on a layer's pre-activations goes into: weight and bias, or scale
/// and shift of the batch_norm between. Empty where that has none.
std::vector<graph::NodeId> scaled_numbers(const graph::Graph& graph, const Links& links);

/// Multiplies the pre-activation of a unit: its numbers in `scaled`, from scaled_numbers().
void scale_unit(model::Model& model, const std::vector<graph::NodeId>& scaled, std::size_t units,
                std::size_t unit, double factor);

}  // namespace rectify::diagnose
