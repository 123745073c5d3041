// Properties in VNN-LIB; what is read must be a box and half spaces of the sizes that it declares.

#include "rectify/verify/vnnlib.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "rectify/base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rectify::verify;
  try {
    const VnnLib file = parse_vnnlib({reinterpret_cast<const char*>(data), size}, "input");
    if (file.property.cases.size() > most_cases) std::abort();
    for (const Unsafe& unsafe : file.property.cases) {
      if (unsafe.inputs.lower.size() != file.inputs || unsafe.inputs.upper.size() != file.inputs)
        std::abort();
      for (std::size_t i = 0; i < file.inputs; ++i)
        if (!(unsafe.inputs.lower[i] <= unsafe.inputs.upper[i])) std::abort();
      if (unsafe.outputs.empty()) std::abort();
      for (const HalfSpace& half : unsafe.outputs)
        if (half.coefficients.size() != file.outputs) std::abort();
    }
  } catch (const rectify::Error&) {
  }
  return 0;
}
