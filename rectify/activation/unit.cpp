#include "rectify/activation/unit.h"

#include <algorithm>
#include <vector>

#include "rectify/activation/unit_rows.h"
#include "rectify/base/error.h"
#include "rectify/base/instruction_set.h"
#include "rectify/base/text.h"

namespace rectify::activation {

using UnitTable = const UnitKernels*;
RECTIFY_CHOOSE_BY_ISA(UnitTable, unit_kernels)

namespace {

double log_sum_exp(std::span<const double> x, int) {
  const double top = std::ranges::max(x);
  double sum = 0;
  for (const double v : x) sum += std::exp(v - top);
  return top + std::log(sum);
}

template <class R> double sum_of_free_energies(std::span<const double> x, int copies) {
  double sum = 0;
  for (const double v : x) sum += R::free_energy(v, copies);
  return sum;
}

template <class R> Unit unit_of() {
  Unit unit{.name = R::facts.name,
            .summary = R::facts.summary,
            .source = R::facts.source,
            .draws = R::facts.draws,
            .has_zeros = R::facts.has_zeros,
            .has_copies = R::facts.has_copies,
            .activation = R::facts.activation,
            .mean = nullptr,
            .variance = nullptr,
            .free_energy = &log_sum_exp};
  if constexpr (unit_has_loops<R>) {
    unit.mean = [](double x, int copies) { return R::mean(x, copies); };
    unit.variance = &R::variance;
    unit.free_energy = &sum_of_free_energies<R>;
  }
  return unit;
}

template <class... R> std::vector<Unit> all_units(UnitRows<R...>) {
  std::vector<Unit> all = {unit_of<R>()...};
  for (std::size_t i = 0; i < all.size(); ++i) all[i].index = i;
  return all;
}

}  // namespace

std::span<const Unit> units() {
  static const std::vector<Unit> all = all_units(AllUnits{});
  return all;
}

const Unit& unit(std::string_view name) {
  std::vector<std::string> known;
  for (const Unit& unit : units()) {
    if (unit.name == name) return unit;
    known.emplace_back(unit.name);
  }
  fail("there is no type of unit called '", name, "'", suggestion(name, known));
}

const UnitKernels& kernels(const Unit& unit) { return unit_kernels()[unit.index]; }

}  // namespace rectify::activation
