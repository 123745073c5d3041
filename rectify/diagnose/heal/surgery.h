#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <vector>

#include "rectify/diagnose/heal/links.h"
#include "rectify/model/model.h"

namespace rectify::diagnose {

/// A second model with the same network, numbers and purpose.
model::Model copy_of(const model::Model& model);

/// The numbers of a parameter or state.
std::span<float> numbers_of(model::Model& model, graph::NodeId id);
std::span<const float> numbers_of(const model::Model& model, graph::NodeId id);

/// Calls change(number) for each number of a unit in a parameter whose last axis are the units.
template <class Change>
void each_in_column(std::span<float> numbers, std::size_t units, std::size_t unit,
                    Change&& change) {
  for (std::size_t i = unit; i < numbers.size(); i += units) change(numbers[i]);
}

/// The weight of a reader of units, as matrices of inputs x outputs, one after the other.
struct ReaderRows {
  std::span<float> numbers;
  std::size_t inputs, outputs;
};
ReaderRows reader_rows(model::Model& model, graph::NodeId weight);

/// Calls change(index) with the place in `numbers` of each weight that reads a unit, in order. Two
/// units of a layer have as many, and the same place in that order means the same weight of both.
template <class Change>
void each_in_row(const ReaderRows& rows, std::size_t units, std::size_t unit, Change&& change) {
  const std::size_t matrix = rows.inputs * rows.outputs;
  for (std::size_t first = 0; first < rows.numbers.size(); first += matrix)
    for (std::size_t row = unit; row < rows.inputs; row += units)
      for (std::size_t column = 0; column < rows.outputs; ++column)
        change(first + row * rows.outputs + column);
}

/// The units of a layer that stay, ascending, by its activation.
using KeptUnits = std::map<graph::NodeId, std::vector<std::size_t>>;

/// The network with fewer units: of each layer in `kept`, whose links are known, those alone.
model::Model with_units(const model::Model& model, const KeptUnits& kept);

/// The network with the activation that `attributes` describe (graph::add_activation) in place of
/// each of these activations, and in place of the activation of each of these gates. Learned
/// numbers of what is replaced go; those of what takes their place are 0.
model::Model with_activation(const model::Model& model, std::span<const graph::NodeId> places,
                             const graph::Attributes& attributes);

/// The network with a prelu of slope 0 in place of each of these activations.
model::Model with_prelu(const model::Model& model, std::span<const graph::NodeId> activations);

}  // namespace rectify::diagnose
