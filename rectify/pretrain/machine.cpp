#include "rectify/pretrain/machine.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "rectify/base/error.h"
#include "rectify/run/plan.h"

namespace rectify::pretrain {

namespace {

/// Throws Error unless weights, biases and variances fit each other.
void check_sizes(const Machine& machine) {
  const std::size_t d = machine.visible_units(), h = machine.hidden_units();
  if (d == 0 || h == 0)
    fail("a machine wants visible and hidden units, not ", d, " and ", h, " of them");
  if (machine.weight.size() % d != 0 || machine.weight.size() / d != h)
    fail("a machine of ", d, " visible and ", h, " hidden units wants ", d, " x ", h,
         " weights, not ", machine.weight.size());
  if (!machine.variance.empty() && machine.variance.size() != d)
    fail("a machine of ", d, " visible units wants a variance for each of them, not ",
         machine.variance.size());
}

/// Throws Error unless `numbers` are whole rows.
void check_whole_rows(std::size_t numbers, std::size_t units, std::string_view kind) {
  if (numbers % units != 0)
    fail(numbers, " numbers are not whole rows of ", units, " ", kind, " units");
}

/// x W + c or x W^T + b for rows of x.
std::vector<float> total_inputs(const Machine& machine, std::span<const float> rows, bool up,
                                ThreadPool& threads) {
  check_sizes(machine);
  const std::size_t in = up ? machine.visible_units() : machine.hidden_units();
  check_whole_rows(rows.size(), in, up ? "visible" : "hidden");
  const std::size_t out = up ? machine.hidden_units() : machine.visible_units();
  graph::Graph graph;
  const auto extent = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  const auto x = graph.add_input({.shape = Shape{extent(in)}}, "input");
  const auto w = graph.add_parameter(
      Shape{extent(machine.visible_units()), extent(machine.hidden_units())}, {}, "weight");
  const auto b = graph.add_parameter(Shape{extent(out)}, {}, "bias");
  graph::Attributes units;
  units.set("units", extent(out));
  graph.result =
      up ? graph.add("dense", {x, w, b}, units) : graph.add("dense_transposed", {x, w, b});
  const run::ParameterLayout layout(graph);
  Buffer parameters(layout.floats());
  std::ranges::copy(machine.weight, parameters.data() + layout.slot_of(w).offset);
  std::ranges::copy(up ? machine.hidden_bias : machine.visible_bias,
                    parameters.data() + layout.slot_of(b).offset);
  const std::size_t count = rows.size() / in;
  constexpr std::size_t chunk = 500;
  std::vector<float> result(count * out);
  for (std::size_t first = 0; first < count;) {
    const std::size_t n = std::min(chunk, count - first);
    run::Plan plan(graph, layout, parameters.data(), threads,
                   {.batch = extent(n), .keep = {graph.result}});
    for (; first + n <= count; first += n) {
      std::ranges::copy(rows.subspan(first * in, n * in), plan.input(x));
      plan.run({});
      std::ranges::copy(plan.value(graph.result), result.data() + first * out);
    }
  }
  return result;
}

}  // namespace

bool has_free_energy(const Machine& machine) {
  return machine.visible->name == "binary" || machine.visible->name == "gaussian";
}

Machine standardised(const Machine& machine) {
  check_sizes(machine);
  Machine standard = machine;
  standard.variance.clear();
  for (std::size_t i = 0; i < machine.variance.size(); ++i) {
    const float s = std::sqrt(machine.variance[i]);
    standard.visible_bias[i] /= s;
    for (std::size_t j = 0; j < machine.hidden_units(); ++j)
      standard.weight[i * machine.hidden_units() + j] /= s;
  }
  return standard;
}

std::vector<float> standardised_rows(const Machine& machine, std::span<const float> visible) {
  check_sizes(machine);
  check_whole_rows(visible.size(), machine.visible_units(), "visible");
  std::vector<float> rows(visible.begin(), visible.end());
  if (machine.variance.empty()) return rows;
  const std::size_t d = machine.visible_units();
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] /= std::sqrt(machine.variance[i % d]);
  return rows;
}

double log_deviations(const Machine& machine) {
  double sum = 0;
  for (const double variance : machine.variance) sum += std::log(variance) / 2;
  return sum;
}

std::vector<float> hidden_inputs(const Machine& machine, std::span<const float> visible,
                                 ThreadPool& threads) {
  if (!machine.variance.empty())
    return hidden_inputs(standardised(machine), standardised_rows(machine, visible), threads);
  return total_inputs(machine, visible, true, threads);
}

std::vector<float> visible_inputs(const Machine& machine, std::span<const float> hidden,
                                  ThreadPool& threads) {
  return total_inputs(machine, hidden, false, threads);
}

std::vector<double> free_energies(const Machine& machine, std::span<const float> visible,
                                  ThreadPool& threads) {
  if (!has_free_energy(machine))
    fail("the free energy of a machine with ", machine.visible->name,
         " visible units is not known; only of binary and gaussian ones");
  const bool gaussian = machine.visible->name == "gaussian";
  const std::size_t d = machine.visible_units(), h = machine.hidden_units();
  const std::vector<float> inputs = hidden_inputs(machine, visible, threads);
  std::vector<double> energies(visible.size() / d);
  threads.run(energies.size(), [&](std::size_t row) {
    double energy = 0;
    for (std::size_t i = 0; i < d; ++i) {
      const double v = visible[row * d + i], b = machine.visible_bias[i];
      const double variance = machine.variance.empty() ? 1 : machine.variance[i];
      energy += gaussian ? (v - b) * (v - b) / (2 * variance) : -b * v;
    }
    const std::vector<double> x(inputs.begin() + static_cast<std::ptrdiff_t>(row * h),
                                inputs.begin() + static_cast<std::ptrdiff_t>((row + 1) * h));
    energies[row] = energy - machine.hidden->free_energy(x, machine.copies);
  });
  return energies;
}

}  // namespace rectify::pretrain
