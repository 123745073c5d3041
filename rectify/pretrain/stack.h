#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rectify/graph/attributes.h"

namespace rectify::pretrain {

struct LayerKind;

/// One layer of a stack, as asked for.
struct LayerSpec {
  const LayerKind* kind = nullptr;
  graph::Attributes attributes;  ///< complete
  std::string text;              ///< as it was written: "rbm 1000 nrelu"

  std::int64_t units() const { return attributes.integer("units"); }
};

/// Reads "rbm 1000 nrelu | rbm 500 k=5": layers from the data upwards, each `KIND UNITS` and the
/// attributes of its kind (kind.h) in any order after it. Throws Error, which names the layer.
std::vector<LayerSpec> parse_stack(const std::string& text);

}  // namespace rectify::pretrain
