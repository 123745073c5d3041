#include "rectify/pretrain/kind.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"

namespace rectify::pretrain {

namespace {

const run::ParameterSlot& slot_called(const run::ParameterLayout& layout, std::string_view label) {
  for (const run::ParameterSlot& slot : layout.slots())
    if (slot.label == label) return slot;
  fail("the layer has no parameter '", label, "'");
}

}  // namespace

graph::AttributeSpec units_attribute() {
  return {.name = "units",
          .initial = std::int64_t{0},
          .positional = true,
          .low = 1,
          .high = 1 << 24,
          .meaning = "hidden units"};
}

graph::AttributeSpec rate_attribute() {
  return {
      .name = "lr", .initial = 0.0, .low = 0, .high = 1e3, .meaning = "learning rate; 0: usual"};
}

graph::AttributeSpec epochs_attribute() {
  return {.name = "epochs",
          .initial = std::int64_t{0},
          .low = 0,
          .high = 100000,
          .meaning = "0: as for all layers"};
}

std::span<float> numbers_of(const run::ParameterLayout& layout, float* parameters,
                            std::string_view label) {
  const run::ParameterSlot& slot = slot_called(layout, label);
  return {parameters + slot.offset, slot.size};
}

std::span<const float> numbers_of(const run::ParameterLayout& layout, const float* parameters,
                                  std::string_view label) {
  const run::ParameterSlot& slot = slot_called(layout, label);
  return {parameters + slot.offset, slot.size};
}

std::vector<float> copy_of(const run::ParameterLayout& layout, const float* parameters,
                           std::string_view label) {
  const std::span<const float> numbers = numbers_of(layout, parameters, label);
  return {numbers.begin(), numbers.end()};
}

double input_at_mean(std::string_view unit, double mean) {
  constexpr double edge = 0.01;
  const double p = std::clamp(mean, edge, 1 - edge);
  if (unit == "binary") return std::log(p / (1 - p));
  return unit == "bipolar" ? std::atanh(std::clamp(mean, edge - 1, 1 - edge)) : mean;
}

std::vector<float> transposed(std::span<const float> matrix, std::size_t rows, double factor) {
  const std::size_t columns = matrix.size() / rows;
  std::vector<float> result(matrix.size());
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c)
      result[c * rows + r] = static_cast<float>(factor * matrix[r * columns + c]);
  return result;
}

const activation::Unit& hidden_of(const LayerSpec& layer) {
  return activation::unit(layer.attributes.word("hidden"));
}

void check_visible(const LayerSpec& layer, const activation::Unit& visible, const Below& below) {
  if (visible.name == "binary" && below.unit == "gaussian")
    fail("'", layer.text,
         "': binary visible units take numbers from 0 to 1; give --normalise range, or "
         "visible=gaussian");
}

}  // namespace rectify::pretrain
