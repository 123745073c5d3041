#include "rectify/activation/loops.h"
#include "rectify/activation/unit_rows.h"

namespace rectify::activation::RECTIFY_ISA {

namespace {

using rectify::RECTIFY_ISA::map;

template <class R> [[gnu::flatten]] void mean(const float* x, float* y, std::size_t n, int copies) {
  map(
      y, n, [copies](auto v) { return R::mean(v, copies); }, x);
}

template <class R>
[[gnu::flatten]] void sample(const float* x, const float* drawn, float* y, std::size_t n, int copy,
                             int copies) {
  if constexpr (R::facts.draws == Draws::uniform_of_each_copy)
    map(
        y, n, [=](auto v, auto d, auto sum) { return sum + R::sample(v, d, copy, copies); }, x,
        drawn, y);
  else
    map(
        y, n, [=](auto v, auto d) { return R::sample(v, d, copy, copies); }, x, drawn);
}

template <class R> constexpr UnitKernels kernels_of() {
  if constexpr (unit_has_loops<R>)
    return {&mean<R>, &sample<R>};
  else
    return {};
}

template <class... R> struct Table {
  UnitKernels all[sizeof...(R)] = {kernels_of<R>()...};
};
template <class... R> constexpr Table<R...> table_of(UnitRows<R...>) { return {}; }
constexpr auto table = table_of(AllUnits{});

}  // namespace

extern const UnitKernels* const unit_kernels;
const UnitKernels* const unit_kernels = table.all;

}  // namespace rectify::activation::RECTIFY_ISA
