#include "rectify/activation/dispatch.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::activation {
namespace {

struct Table {
  std::string_view instruction_set;
  const Kernels* (*kernels)();
};

// Widest last, as RECTIFY_FOR_EACH_ISA lists them.
constexpr Table tables[] = {
#define RECTIFY_TABLE(isa) {#isa, &isa::activation_kernels},
    RECTIFY_FOR_EACH_ISA(RECTIFY_TABLE)
#undef RECTIFY_TABLE
};

}  // namespace

std::string_view instruction_set() { return rectify::instruction_set(); }

std::vector<std::string_view> instruction_sets() {
  std::vector<std::string_view> sets;
  for (const Table& table : tables) {
    if (supports(table.instruction_set)) sets.insert(sets.begin(), table.instruction_set);
  }
  return sets;
}

const Kernels& kernels(const Row& row) {
  static const Kernels* const chosen = &kernels(family().front(), instruction_set());
  return chosen[row.index];
}

const Kernels& kernels(const Row& row, std::string_view instruction_set) {
  for (const Table& table : tables) {
    if (table.instruction_set == instruction_set && supports(instruction_set)) {
      return table.kernels()[row.index];
    }
  }
  std::vector<std::string> known;
  for (const std::string_view set : instruction_sets()) known.emplace_back(set);
  fail("this processor cannot run '", instruction_set, "'", suggestion(instruction_set, known));
}

}  // namespace rectify::activation
