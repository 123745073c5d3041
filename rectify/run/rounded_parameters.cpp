#include "rectify/run/rounded_parameters.h"

#include "rectify/run/cpu/loops.h"

namespace rectify::run {

void RoundedParameters::update(const float* parameters, std::size_t first, std::size_t count) {
  auto* const rounded = reinterpret_cast<bfloat16*>(rounded_.data());
  cpu::loops().to_bfloat16(parameters + first, rounded + first, count);
}

}  // namespace rectify::run
