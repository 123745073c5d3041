#include "rectify/run/rounded_parameters.h"

#include "rectify/run/cpu/loops.h"

namespace rectify::run {

Storage RoundedParameters::at(std::size_t offset, std::size_t size) {
  std::byte* const all = storage_of(rounded_.data(), rounded_.size()).data;
  return {all + offset * sizeof(bfloat16), Element::bfloat16, size};
}

void RoundedParameters::update(const float* parameters, std::size_t first, std::size_t count) {
  cpu::loops().to_bfloat16(parameters + first, at(first, count).as<bfloat16>(), count);
}

}  // namespace rectify::run
