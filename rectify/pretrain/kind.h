#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "rectify/base/random.h"
#include "rectify/pretrain/convolutional.h"
#include "rectify/pretrain/machine.h"
#include "rectify/pretrain/passage.h"
#include "rectify/pretrain/stack.h"
#include "rectify/run/parameters.h"
#include "rectify/train/objective.h"

namespace rectify::pretrain {

/// What stands below a layer.
struct Below {
  std::int64_t inputs = 0;
  Shape shape;  ///< of them: 28x28x1, or as many numbers where there are no places
  /// The type of unit that its numbers are like (activation/unit.h): "binary" for numbers from 0 to
  /// 1, "gaussian" for any, or what the layer below has.
  std::string unit;
  /// The smallest and the largest of its numbers over the training samples, and the mean over the
  /// samples of the sum of their squares.
  double low = 0, high = 1, power = 1;
};

/// How one layer learns, without its numbers.
struct Learner {
  /// A graph with the input "input" and the parameters "weight", "hidden_bias" and whatever else
  /// the kind has. Where it has an input "chain" of some numbers for each sample, the graph's
  /// result is what stands there at the next step; a chain starts from zeros.
  train::Objective objective;
  std::string unit;   ///< what the layer above gets its numbers like
  double rate = 0.1;  ///< usual learning rate
  double factor = 1;  ///< of the numbers that its way down gives: they are its inputs' over it
};

/// A kind of layer that learns without labels. Each file of kinds/ has one.
struct LayerKind {
  std::string_view name, summary;
  /// Among them `units`, `lr` (0: usual) and `epochs` (0: as for all layers).
  std::span<const graph::AttributeSpec> attributes;
  /// Throws Error for a layer that does not suit what is below it.
  Learner (*learner)(const LayerSpec& layer, const Below& below);
  /// Sets the parameters at the start; `mean` has the mean of each input over the training samples.
  void (*start)(const LayerSpec& layer, const Below& below, std::span<const double> mean,
                const Random& random, const run::ParameterLayout& layout, float* parameters);
  /// The ways through the layer: from its inputs to its outputs, and from `factor` times its
  /// outputs, as the layer above gives them, to its inputs over Learner::factor.
  Passage (*up)(const LayerSpec& layer, const Below& below, const run::ParameterLayout& layout,
                const float* parameters);
  Passage (*down)(const LayerSpec& layer, const Below& below, const run::ParameterLayout& layout,
                  const float* parameters, double factor);
  /// The Boltzmann machine that the layer is; null: it is none.
  Machine (*machine)(const LayerSpec& layer, const Below& below, const run::ParameterLayout& layout,
                     const float* parameters) = nullptr;
  /// The convolutional machine that the layer is; null: it is none.
  ConvolutionalMachine (*convolutional)(const LayerSpec& layer, const Below& below,
                                        const run::ParameterLayout& layout,
                                        const float* parameters) = nullptr;
};

/// The attributes that every kind has: its units, and its own rate and epochs.
graph::AttributeSpec units_attribute();
graph::AttributeSpec rate_attribute();
graph::AttributeSpec epochs_attribute();

/// The type of a machine's hidden units, its attribute `hidden`.
const activation::Unit& hidden_of(const LayerSpec& layer);
/// Throws Error for binary visible units over numbers that are not between 0 and 1.
void check_visible(const LayerSpec& layer, const activation::Unit& visible, const Below& below);

/// All kinds of all files in kinds/ (the build collects them).
std::span<const LayerKind* const> layer_kinds();

/// The numbers of a parameter, by its label. Throws Error where there is none.
std::span<float> numbers_of(const run::ParameterLayout& layout, float* parameters,
                            std::string_view label);
std::span<const float> numbers_of(const run::ParameterLayout& layout, const float* parameters,
                                  std::string_view label);
std::vector<float> copy_of(const run::ParameterLayout& layout, const float* parameters,
                           std::string_view label);

/// The total input with which a visible unit of a machine has the mean of the data, within what
/// still lets it change: a pixel that is never on must be able to come on.
double input_at_mean(std::string_view unit, double mean);

/// A matrix, row-major with `rows`, transposed and times `factor`.
std::vector<float> transposed(std::span<const float> matrix, std::size_t rows, double factor = 1);

}  // namespace rectify::pretrain
