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
