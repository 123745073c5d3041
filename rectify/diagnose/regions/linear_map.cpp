#include "rectify/diagnose/regions/linear_map.h"

#include <algorithm>

#include "rectify/base/error.h"

namespace rectify::diagnose {

namespace {

/// Directions that go through the network together with the input itself.
constexpr std::size_t directions_at_once = 63;

/// Numbers of the inputs of one run, at most.
constexpr std::size_t run_numbers = std::size_t{1} << 24;

/// Cells that all stand for `input`, each with some directions from number `first` on.
AffineInputs directions_from(std::size_t first, std::size_t cells, std::span<const float> input) {
  const std::size_t inputs = input.size();
  AffineInputs start{.cells = std::vector<Cell>(cells, Cell{{{}}}),
                     .terms = directions_at_once + 1};
  start.rows.assign(cells * start.terms * inputs, 0.0);
  for (std::size_t cell = 0; cell < cells; ++cell) {
    double* rows = start.rows.data() + cell * start.terms * inputs;
    std::ranges::copy(input, rows);
    for (std::size_t i = 0; i < directions_at_once; ++i)
      if (const std::size_t along = first + cell * directions_at_once + i; along < inputs)
        rows[(i + 1) * inputs + along] = 1;
  }
  return start;
}

}  // namespace

LinearMap linear_map_at(const AffineNetwork& network, std::span<const float> input,
                        ThreadPool& threads) {
  const std::size_t inputs = network.inputs(), outputs = network.outputs();
  if (input.size() != inputs)
    fail("the input has ", input.size(), " numbers but the network takes ", inputs);
  LinearMap map{.outputs = outputs, .inputs = inputs};
  map.matrix.resize(outputs * inputs);
  const std::size_t cells =
      std::clamp<std::size_t>(run_numbers / ((directions_at_once + 1) * inputs), 1,
                              (inputs + directions_at_once - 1) / directions_at_once);
  for (std::size_t first = 0; first < inputs;) {
    const auto keep = [&](const AffinePart& part) {
      map.value.assign(part.outputs.row(0).begin(), part.outputs.row(0).end());
      for (std::size_t i = 0; i < directions_at_once && first + i < inputs; ++i)
        for (std::size_t k = 0; k < outputs; ++k)
          map.matrix[k * inputs + first + i] = part.outputs.row(i + 1)[k];
      first += directions_at_once;
    };
    network.run(directions_from(first, cells, input), cells, threads, keep);
  }
  map.offset = map.value;
  for (std::size_t k = 0; k < outputs; ++k)
    for (std::size_t i = 0; i < inputs; ++i)
      map.offset[k] -= map.matrix[k * inputs + i] * double{input[i]};
  return map;
}

}  // namespace rectify::diagnose
