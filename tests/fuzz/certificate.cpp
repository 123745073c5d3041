// Certificates of proofs. The checksum is made right first, so that what stands behind it is read.
// A network whose output is always 0 must never be proven to be above 0.

#include "rectify/verify/certificate.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "rectify/base/error.h"
#include "rectify/verify/check.h"

namespace {

/// y0 = relu(x) - relu(x). Unsafe: y0 at most 0.1, which it always is.
struct Lie {
  rectify::model::Predictor predictor;
  rectify::verify::Property property = {{{{{-1}, {1}}, {{{1}, 0.1}}}}};

  Lie() : predictor(zero()) {}
  static rectify::model::Model zero() {
    rectify::model::Model model("1 : dense 2 | relu | dense 1");
    const auto set = [&](const char* label, float first, float second) {
      const auto& slot = model.layout.slot_of(model.graph.find(label));
      model.parameters.data()[slot.offset] = first;
      model.parameters.data()[slot.offset + 1] = second;
    };
    set("dense1.weight", 1, 1), set("dense2.weight", 1, -1);
    return model;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace rectify::verify;
  static const Lie lie;
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const Certificate read = parse_certificate(text, "input");
    if (text_of(read) != text_of(parse_certificate(text_of(read), "input"))) std::abort();
  } catch (const rectify::Error&) {
  }
  Certificate certificate{hash_of(network_of(lie.predictor)), hash_of(lie.property), Answer::holds};
  certificate.steps = text;
  try {
    check(lie.predictor, lie.property, certificate, "input");
    std::abort();
  } catch (const rectify::Error&) {
  }
  return 0;
}
