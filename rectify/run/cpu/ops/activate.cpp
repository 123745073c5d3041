// activate and its gradient: the row's own kernels.

#include "rectify/graph/activate.h"

#include "rectify/activation/kernels.h"
#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/sparse/choose.h"

namespace rectify::run::cpu::ops {

namespace {

template <class Number, class Loop>
Piece forward_by(const Lowering& l, Loop f) {
  return [x = l.input<Number>(0), y = l.output<Number>(), p = graph::activation_parameters(l.node),
          f](std::size_t first, std::size_t n) { f(x + first, y + first, n, p); };
}

Piece forward(const Lowering& l) {
  const activation::Kernels& k = activation::kernels(graph::activation_row(l.node));
  return l.narrow_input(0) ? forward_by<bfloat16>(l, k.forward_bfloat16)
                           : forward_by<float>(l, k.forward);
}

template <class Number, class Loop>
Piece gradient_by(const Lowering& l, Loop f) {
  return [dy = l.input<Number>(0), saved = l.input<Number>(1), dx = l.output<Number>(),
          p = graph::activation_parameters(l.node),
          f](std::size_t first, std::size_t n) { f(saved + first, dy + first, dx + first, n, p); };
}

Piece gradient(const Lowering& l) {
  const activation::Row& row = graph::activation_row(l.node);
  if (l.narrow_input(1))
    return gradient_by<bfloat16>(l, activation::kernels(row).backward_bfloat16);
  return gradient_by<float>(
      l, activation::backward_of_saved(row, graph::activation_parameters(l.node)));
}

/// The loops for bfloat16 take the derivative from the input. Where the output is what is saved,
/// they can if it is 0 or 1: the function then hands on what it does not cut off, so that the
/// derivative at its value is that at the input (tests/run/bfloat16_test.cpp).
template <pass::Narrow when>
pass::Narrow if_derivative_is_known(const graph::Graph&, const graph::Node& node) {
  const activation::Row& row = graph::activation_row(node);
  const activation::Parameters p = graph::activation_parameters(node);
  const bool passes_on = row.mask_slope && row.mask_slope(p);
  return passes_on || !row.from_output(p) ? when : pass::Narrow::never;
}

bool has_zeros(const graph::Graph&, const graph::Node& node) {
  return activation::has_exact_zeros(graph::activation_row(node),
                                     graph::activation_parameters(node));
}

bool gradient_has_zeros(const graph::Graph& graph, const graph::Node& node) {
  return has_zeros(graph, node) || as_sparse_as_input(graph, node);
}

}  // namespace

std::span<const Kernel> activate() {
  static const Kernel all[] = {{.op = "activate",
                                .piece = forward,
                                .sparse = has_zeros,
                                .narrow = if_derivative_is_known<pass::Narrow::first>},
                               {.op = "activate_gradient",
                                .piece = gradient,
                                .sparse = gradient_has_zeros,
                                .narrow = if_derivative_is_known<pass::Narrow::second>}};
  return all;
}

}  // namespace rectify::run::cpu::ops
