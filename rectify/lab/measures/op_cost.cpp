// The cycles that one arithmetic operation takes: alone in a chain, many at once, and in vectors.

#include "rectify/lab/measure.h"
#include "rectify/lab/operations.h"

namespace rectify::lab::ops {

namespace {

Measured measure(const MeasureInput& input) {
  const std::string name = input.get<std::string>("operation");
  return {.figures = {{"latency", operation_cycles(name.c_str(), Way::latency)},
                      {"throughput", operation_cycles(name.c_str(), Way::throughput)},
                      {"vectors", operation_cycles(name.c_str(), Way::vectors)}}};
}

}  // namespace

std::span<const Measure> op_cost() {
  static const Measure all[] = {
      {.name = "op_cost",
       .summary = "cycles of an arithmetic operation: latency, throughput, in vectors",
       .version = 2,
       .options = {{"operation", "add", "add, multiply, compare, divide, exp or log"}},
       .measure = measure}};
  return all;
}

}  // namespace rectify::lab::ops
