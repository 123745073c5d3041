#include <algorithm>

#include "rectify/run/cpu/kernel.h"

namespace rectify::run::cpu::ops {

namespace {

Step copy_row(const Lowering& l) {
  const auto index = static_cast<std::size_t>(l.node.attributes.integer("index"));
  return [x = l.input<float>(0) + index * l.output_size(), y = l.output<float>(),
          n = l.output_size()] { std::copy_n(x, n, y); };
}

}  // namespace

std::span<const Kernel> pick() {
  static const Kernel all[] = {{"pick", copy_row}};
  return all;
}

}  // namespace rectify::run::cpu::ops
