#include "rectify/pretrain/kind.h"

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

}  // namespace rectify::pretrain
