// What takes elements by numbers, in the general way.
#include <algorithm>

#include "rectify/onnx/general.h"
#include "rectify/onnx/mapping.h"

namespace rectify::onnx::ops {

namespace {

using Extents = std::vector<std::int64_t>;

/// Whether the numbers are first, first + step, ...; then they are a cut.
bool is_progression(const Extents& numbers) {
  for (std::size_t i = 2; i < numbers.size(); ++i)
    if (numbers[i] - numbers[i - 1] != numbers[1] - numbers[0]) return false;
  return !numbers.empty();
}

/// y: the parts of x along an axis that the numbers name.
View gathered(GeneralCall& call, const View& x, std::size_t axis, const Tensor& indices) {
  const std::int64_t extent = extent_of(x.axes[axis]);
  if (indices.constant && indices.rank() < 2) {
    Extents numbers = indices.constant->integers;
    for (std::int64_t& number : numbers) {
      if (number < -extent || number >= extent)
        fail(call.where(), " takes part ", number, " of ", extent);
      if (number < 0) number += extent;
    }
    if (is_progression(numbers)) {
      Extents first(x.axes.size(), 0), step(x.axes.size(), 1), count = x.extents();
      first[axis] = numbers[0];
      step[axis] = numbers.size() > 1 ? numbers[1] - numbers[0] : 1;
      count[axis] = static_cast<std::int64_t>(numbers.size());
      View y = call.cut(x, first, step, count);
      if (indices.rank() == 0) y.axes.erase(y.axes.begin() + static_cast<std::ptrdiff_t>(axis));
      return y;
    }
  }
  graph::Attributes attributes;
  attributes.set("axis", static_cast<std::int64_t>(axis));
  const graph::NodeId places = call.reader.laid(call.reader.view(indices, call.where()));
  const graph::NodeId node =
      call.graph().add("gather", {call.reader.laid(x), places}, attributes, call.label());
  View y = natural_view(call.graph(), node);
  if (indices.rank() == 0) y.axes.erase(y.axes.begin() + static_cast<std::ptrdiff_t>(axis));
  return y;
}

void read_gather(GeneralCall& call) {
  const View x = call.view(0);
  const std::size_t axis = call.axis(call.integer("axis", 0), x.axes.size());
  call.give(gathered(call, x, axis, call.tensor(1)), call.tensor(0).whole);
}

void read_feature(GeneralCall& call) {
  View x = call.view(0);
  if (x.axes.empty()) fail(call.where(), " wants columns");
  if (x.axes.size() == 1) x.axes.insert(x.axes.begin(), Axis{});
  Tensor indices = call.tensor(1);
  if (indices.constant && indices.rank() > 1) {
    Constant flat = *indices.constant;
    flat.extents = {flat.size()};
    indices.constant = std::make_shared<Constant>(std::move(flat));
  } else if (!indices.constant) {
    indices.view = call.reshaped(indices.view, {indices.view.size()});
  }
  call.give(gathered(call, x, x.axes.size() - 1, indices), call.tensor(0).whole);
}

/// Elements of x by numbers of the same shape but for one axis: of as many rows one after the
/// other.
void read_gather_elements(GeneralCall& call) {
  const View x = call.view(0), indices = call.view(1);
  if (x.axes.size() != indices.axes.size())
    fail(call.where(), " has places of ", indices.axes.size(), " axes for ", x.axes.size());
  const std::size_t axis = call.axis(call.integer("axis", 0), x.axes.size());
  std::vector<std::size_t> order = natural_order(x.axes.size());
  order.erase(order.begin() + static_cast<std::ptrdiff_t>(axis));
  order.push_back(axis);
  const View from = permuted(x, order), at = permuted(indices, order);
  const std::int64_t n = extent_of(x.axes[axis]), m = extent_of(indices.axes[axis]);
  const std::int64_t rows = x.size() / n;
  Extents rest = from.extents(), other = at.extents();
  rest.pop_back();
  other.pop_back();
  if (rest != other) call.unmapped("takes elements of some rows alone");
  // Row i begins at i n in one long row; a number below 0 counts from the end of its own.
  std::vector<float> starts;
  for (std::int64_t i = 0; i < rows; ++i) starts.push_back(static_cast<float>(i * n));
  View place = call.reshaped(at, {rows, m});
  place = call.pairwise("modulo", place, static_cast<double>(n));
  place = call.pairwise("add", place, call.row_of_numbers(starts, {rows, 1}));
  graph::Attributes attributes;
  attributes.set("axis", std::int64_t{0});
  const graph::NodeId node = call.graph().add(
      "gather", {call.reader.laid(call.reshaped(from, {rows * n})), call.reader.laid(place)},
      attributes, call.label());
  call.give(unpermuted(call.reshaped(natural_view(call.graph(), node), at.extents()), order),
            call.tensor(0).whole);
}

void read_one_hot(GeneralCall& call) {
  const Constant &depth = call.constant(1), &values = call.constant(2);
  if (depth.size() != 1 || values.size() != 2) fail(call.where(), " wants a depth and two values");
  const View x = call.view(0);
  const double classes_asked = depth.scalar();
  if (!(classes_asked >= 1 && classes_asked <= (1 << 24)))
    fail(call.where(), " has a depth of ", classes_asked);
  const auto n = static_cast<std::int64_t>(classes_asked);
  const std::size_t axis = call.axis(call.integer("axis", -1), x.axes.size() + 1);
  std::vector<float> classes;
  for (std::int64_t i = 0; i < n; ++i) classes.push_back(static_cast<float>(i));
  Extents extents(x.axes.size() + 1 - axis, 1);
  extents[0] = n;
  // An index below 0 counts from the end; one beyond the depth is no class at all.
  const View below = call.pairwise("less", x, 0);
  View wide = call.pairwise("add", x, call.pairwise("multiply", below, static_cast<double>(n)));
  wide.axes.insert(wide.axes.begin() + static_cast<std::ptrdiff_t>(axis), Axis{});
  const View same = call.pairwise("equal", wide, call.row_of_numbers(classes, extents));
  const std::vector<float> v = values.as_floats();
  call.give(call.choose(same, call.row_of_numbers({v[1]}, {}), call.row_of_numbers({v[0]}, {})),
            values.whole);
}

/// The upper or lower triangle of matrices; 0 elsewhere.
void read_triangle(GeneralCall& call) {
  const View x = call.view(0);
  if (call.has(1) && call.constant(1).size() != 1) fail(call.where(), " wants one diagonal");
  const double diagonal = call.has(1) ? call.constant(1).scalar() : 0;
  const auto k = static_cast<std::int64_t>(std::clamp(diagonal, -1e9, 1e9));
  const Extents extents = x.extents();
  if (extents.size() < 2) fail(call.where(), " wants matrices");
  const std::int64_t rows = extents[extents.size() - 2], columns = extents.back();
  if (rows * columns > (1 << 24)) call.unmapped("is of more than 2^24 numbers");
  const bool upper = call.integer("upper", 1) != 0;
  std::vector<float> kept;
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j)
      kept.push_back((upper ? j - i >= k : j - i <= k) ? 1.0f : 0.0f);
  call.give(
      call.choose(call.row_of_numbers(kept, {rows, columns}), x, call.row_of_numbers({0}, {})),
      call.tensor(0).whole);
}

/// Sums of the elements up to each: a product with a triangle of ones.
void read_cumulative_sum(GeneralCall& call) {
  const View x = call.view(0);
  if (call.constant(1).size() != 1) fail(call.where(), " wants one axis");
  const std::size_t axis = call.axis(
      static_cast<std::int64_t>(std::clamp(call.constant(1).scalar(), -1e9, 1e9)), x.axes.size());
  const std::int64_t n = extent_of(x.axes[axis]);
  if (n > 4096) call.unmapped("sums more than 4096 elements");
  const bool without = call.integer("exclusive", 0) != 0, back = call.integer("reverse", 0) != 0;
  std::vector<float> ones;
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      const std::int64_t later = back ? i - j : j - i;  // element i counts for sum j
      ones.push_back(later > 0 || (later == 0 && !without) ? 1.0f : 0.0f);
    }
  std::vector<std::size_t> order = natural_order(x.axes.size());
  std::swap(order[axis], order.back());
  View y = permuted(x, order);
  const Extents extents = y.extents();
  y = call.product(call.reshaped(y, {y.size() / n, n}), call.row_of_numbers(ones, {n, n}));
  call.give(unpermuted(call.reshaped(y, extents), order), call.tensor(0).whole);
}

}  // namespace

std::span<const Mapping> lookups() {
  static const Mapping all[] = {
      {.onnx = "Gather", .general = read_gather},
      {.onnx = "ArrayFeatureExtractor", .general = read_feature},
      {.onnx = "GatherElements", .general = read_gather_elements},
      {.onnx = "OneHot", .general = read_one_hot},
      {.onnx = "Trilu", .general = read_triangle},
      {.onnx = "CumSum", .general = read_cumulative_sum},
  };
  return all;
}

}  // namespace rectify::onnx::ops
