#include "rectify/activation/dispatch.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::activation {
namespace {

struct Set {
  std::string_view name;
  void (*fill[5])(Kernels* table);
};

// Widest last, as RECTIFY_FOR_EACH_ISA lists them.
constexpr Set sets[] = {
#define RECTIFY_SET(isa)                                                            \
  {#isa,                                                                            \
   {&isa::fill_forward, &isa::fill_backward, &isa::fill_fused, &isa::fill_bfloat16, \
    &isa::fill_varying}},
    RECTIFY_FOR_EACH_ISA(RECTIFY_SET)
#undef RECTIFY_SET
};

/// The kernels of every row for every set, in the order of `sets`.
std::vector<std::vector<Kernels>> make_tables() {
  std::vector<std::vector<Kernels>> tables;
  for (const Set& set : sets) {
    tables.emplace_back(family().size());
    for (const auto fill : set.fill) fill(tables.back().data());
  }
  return tables;
}

}  // namespace

std::string_view instruction_set() { return rectify::instruction_set(); }

std::vector<std::string_view> instruction_sets() {
  std::vector<std::string_view> names;
  for (const Set& set : sets) {
    if (supports(set.name)) names.insert(names.begin(), set.name);
  }
  return names;
}

const Kernels& kernels(const Row& row) {
  static const Kernels* const chosen = &kernels(family().front(), instruction_set());
  return chosen[row.index];
}

Backward backward_of_saved(const Row& row, const Parameters& p) {
  return row.from_output(p) ? kernels(row).backward_from_output : kernels(row).backward;
}

const Kernels& kernels(const Row& row, std::string_view instruction_set) {
  static const std::vector<std::vector<Kernels>> tables = make_tables();
  for (std::size_t i = 0; i < std::size(sets); ++i) {
    if (sets[i].name == instruction_set && supports(instruction_set)) return tables[i][row.index];
  }
  std::vector<std::string> known;
  for (const std::string_view set : instruction_sets()) known.emplace_back(set);
  fail("this processor cannot run '", instruction_set, "'", suggestion(instruction_set, known));
}

}  // namespace rectify::activation
