#include "rectify/run/cpu/sparse/choose.h"

#include <cmath>
#include <utility>

#include "rectify/run/cpu/fuse.h"
#include "rectify/run/cpu/sparse/entries.h"
#include "rectify/run/cpu/sparse/sparse_product.h"
#include "rectify/run/cpu/switched_off.h"

namespace rectify::run::cpu {

namespace {

/// Below so many multiply-adds a product is not worth the counting.
constexpr std::int64_t least_work = 1 << 20;

bool may_be_sparse(const graph::Graph& graph, const graph::Node& node) {
  if (node.op->given) return true;
  const Kernel& kernel = kernel_for(node);
  return kernel.sparse && kernel.sparse(graph, node);
}

/// The node whose value it is, be it rounded.
const graph::Node& source_of(const graph::Graph& graph, const graph::Node& node) {
  return node.op->name == "to_bfloat16" ? source_of(graph, graph.input(node, 0)) : node;
}

/// What most numbers of a batch of samples may be: their first, which of an image is a corner.
float background_of(const Matrix& samples) {
  const float first =
      samples.element == Element::bfloat16 ? to_float(*samples.as<bfloat16>()) : *samples.floats();
  return std::isfinite(first) ? first : 0;
}

}  // namespace

bool may_leave_out(const Lowering& l, std::size_t factor) {
  static const bool off = switched_off("RECTIFY_SPARSE");
  return !off && l.sparse && may_be_sparse(l.graph, l.graph.input(l.node, factor));
}

bool counts_zeros(const Lowering& l, std::size_t factor, const Matrix& a, const Matrix& c) {
  const bool too_fast = a.element == Element::bfloat16 && has_amx_products();
  return !too_fast && c.rows * c.columns * a.columns >= least_work && may_leave_out(l, factor);
}

bool as_sparse_as_input(const graph::Graph& graph, const graph::Node& node) {
  return may_be_sparse(graph, graph.input(node, 0));
}

Step sparse_or(Step dense, const Lowering& l, std::size_t factor, const Matrix& a, const Matrix& b,
               const Matrix& c, Epilogue epilogue, std::shared_ptr<const void> context) {
  if (!counts_zeros(l, factor, a, c)) return dense;
  const bool given = source_of(l.graph, l.graph.input(l.node, factor)).op->given;
  return [product = std::make_shared<const SparseProduct>(a, b, c, l.threads), epilogue, given,
          context = std::move(context), dense = std::move(dense), zeros = l.zeros] {
    const float background = given ? background_of(product->a()) : 0;
    const RowGroups rows = product->group(background);
    const bool leave_out = product->pays(rows.count);
    if (zeros) {
      zeros->numbers += product->a().rows * product->a().columns;
      zeros->nonzeros += rows.count.others;
      zeros->left_out += leave_out;
    }
    if (!leave_out || !product->run(rows, epilogue, context.get())) dense();
  };
}

}  // namespace rectify::run::cpu
