#include "rectify/activation/activation.h"

#include <algorithm>

#include "rectify/activation/family.h"
#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::activation {
namespace {

template <class R> Row make_row(std::size_t index) {
  constexpr const Facts& facts = R::facts;
  Row row = {};
  row.name = facts.name;
  row.aliases = {facts.aliases, facts.alias_count()};
  row.formula = facts.formula;
  row.derivative = facts.derivative;
  row.kink = facts.kink;
  row.source = facts.source;
  row.onnx = facts.onnx;
  row.parameters = {facts.parameters, facts.parameter_count()};
  row.initialiser = facts.initialiser;
  row.rectifier = facts.rectifier;
  row.value = &R::template value<double>;
  row.slope = &R::template slope<double>;
  row.accuracy = facts.accuracy;
  row.varying = facts.varying;
  row.from_output = &from_output<R>;
  row.mask_slope = &mask_slope<R>;
  row.slope_from_output = from_output<R>(row.defaults());
  if constexpr (HasSlopeFromOutput<R>) row.output_slope = &R::template slope_from_output<double>;
  if constexpr (facts.varying != Varying::none) {
    row.value_at = &R::template value_at<double>;
    row.slope_at = &R::template slope_at<double>;
  }
  if constexpr (may_be_learned(facts.varying)) {
    row.parameter_slope = &R::template parameter_slope<double>;
  }
  row.index = index;
  return row;
}

template <class... R> std::array<Row, sizeof...(R)> make_family(Rows<R...>) {
  std::size_t index = 0;
  return {make_row<R>(index++)...};
}

bool answers_to(const Row& row, std::string_view name) {
  return row.name == name || std::ranges::find(row.aliases, name) != row.aliases.end();
}

}  // namespace

Parameters Row::defaults() const {
  Parameters p = {};
  for (std::size_t i = 0; i < parameters.size(); ++i) p[i] = parameters[i].value;
  return p;
}

std::span<const Row> family() {
  static const auto rows = make_family(Family{});
  return rows;
}

const Row* find_or_null(std::string_view name) {
  for (const Row& row : family()) {
    if (answers_to(row, name)) return &row;
  }
  return nullptr;
}

const Row& find(std::string_view name) {
  if (const Row* row = find_or_null(name)) return *row;
  std::vector<std::string> candidates;
  for (const Row& row : family()) {
    candidates.emplace_back(row.name);
    candidates.insert(candidates.end(), row.aliases.begin(), row.aliases.end());
  }
  const bool near = !nearest(name, candidates).empty();
  fail("unknown activation '", name, "'", suggestion(name, near ? candidates : names()));
}

void check_parameters(const Row& row, const Parameters& p) {
  for (std::size_t i = 0; i < row.parameters.size(); ++i) {
    const ParameterInfo& info = row.parameters[i];
    if (!(p[i] >= info.low && p[i] <= info.high))
      fail(row.name, ": ", info.name, " = ", p[i], " is not between ", info.low, " and ",
           info.high);
  }
}

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const Row& row : family()) result.emplace_back(row.name);
  return result;
}

std::string_view name_of(Initialiser initialiser) {
  switch (initialiser) {
    case Initialiser::he_normal:
      return "he_normal";
    case Initialiser::lecun_normal:
      return "lecun_normal";
    case Initialiser::glorot_uniform:
      return "glorot_uniform";
    case Initialiser::gain_normal:
      return "gain_normal";
  }
  return "he_normal";
}

}  // namespace rectify::activation
