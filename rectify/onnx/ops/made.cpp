// What is made of nothing but constants and shapes, in the general way; and If, where its condition
// is known.
#include <algorithm>
#include <cmath>

#include "rectify/onnx/general.h"
#include "rectify/onnx/mapping.h"

namespace rectify::onnx::ops {

namespace {

void read_constant(GeneralCall& call) {
  if (const auto* value = call.attribute("value"); value && value->has_t()) {
    const auto tensor = call.reader.tensor_of(value->t(), call.where());
    return call.give(Tensor{.constant = tensor, .whole = tensor->whole});
  }
  if (const auto* f = call.attribute("value_float")) return call.give(Constant{.floats = {f->f()}});
  if (const auto* i = call.attribute("value_int"))
    return call.give(Constant{.integers = {i->i()}, .whole = true});
  if (const auto* fs = call.attribute("value_floats"))
    return call.give(Constant{.extents = {fs->floats_size()},
                              .floats = {fs->floats().begin(), fs->floats().end()}});
  if (const auto* is = call.attribute("value_ints"))
    return call.give(Constant{.extents = {is->ints_size()},
                              .integers = {is->ints().begin(), is->ints().end()},
                              .whole = true});
  call.unmapped("has a value that is no tensor of numbers");
}

constexpr std::int64_t most = std::int64_t{1} << 24;

void read_constant_of_shape(GeneralCall& call) {
  Constant c{.extents = call.list(0, "shape")};
  const std::int64_t size = checked_size(c.extents, call.where());
  if (size > most)
    call.unmapped("makes ", size, " numbers; ", most, " at most are made, store them in the file");
  float number = 0;
  if (const auto* value = call.attribute("value")) {
    const auto one = call.reader.tensor_of(value->t(), call.where());
    if (one->size() != 1) fail(call.where(), " has a value that is no single number");
    c.whole = one->whole;
    number = one->as_floats()[0];
  }
  if (c.whole)
    c.integers.assign(static_cast<std::size_t>(size), static_cast<std::int64_t>(number));
  else
    c.floats.assign(static_cast<std::size_t>(size), number);
  call.give(std::move(c));
}

void read_shape(GeneralCall& call) {
  const std::vector<std::int64_t> extents = call.extents(0);
  const auto rank = static_cast<std::int64_t>(extents.size());
  const auto place = [&](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  const std::int64_t first = place(call.integer("start", 0)),
                     last = place(call.integer("end", rank));
  Constant shape{.whole = true};
  for (std::int64_t i = first; i < last; ++i)
    shape.integers.push_back(extents[static_cast<std::size_t>(i)]);
  shape.extents = {static_cast<std::int64_t>(shape.integers.size())};
  call.give(std::move(shape));
}

void read_size(GeneralCall& call) {
  call.give(Constant{.integers = {checked_size(call.extents(0), call.where())}, .whole = true});
}

void read_range(GeneralCall& call) {
  for (int i = 0; i < 3; ++i)
    if (call.constant(i).size() != 1) fail(call.where(), " wants single numbers");
  const double first = call.constant(0).scalar(), end = call.constant(1).scalar(),
               step = call.constant(2).scalar();
  const double count = std::max(0.0, std::ceil((end - first) / step));
  if (!(count <= static_cast<double>(most)))
    call.unmapped("makes ", count, " numbers; ", most, " at most are made");
  Constant c{.extents = {static_cast<std::int64_t>(count)}, .whole = call.constant(0).whole};
  for (std::int64_t i = 0; i < c.extents[0]; ++i) {
    const double number = first + static_cast<double>(i) * step;
    if (c.whole)
      c.integers.push_back(static_cast<std::int64_t>(number));
    else
      c.floats.push_back(static_cast<float>(number));
  }
  call.give(std::move(c));
}

void read_non_zero(GeneralCall& call) {
  const Constant& x = call.constant(0);
  const std::vector<float> numbers = x.as_floats();
  const auto rank = static_cast<std::int64_t>(x.extents.size());
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (numbers[i] != 0) found.push_back(i);
  Constant places{.extents = {rank, static_cast<std::int64_t>(found.size())}, .whole = true};
  std::int64_t behind = x.size();
  for (const std::int64_t extent : x.extents) {
    behind /= std::max<std::int64_t>(extent, 1);
    for (const std::size_t i : found)
      places.integers.push_back(static_cast<std::int64_t>(i) / behind % extent);
  }
  call.give(std::move(places));
}

/// Parts of a constant replaced by others, at places that are constants too.
void read_scatter(GeneralCall& call) {
  Constant y = call.constant(0);
  const Constant &places = call.constant(1), &updates = call.constant(2);
  if (call.word("reduction", "none") != "none") call.unmapped("adds what it puts in");
  if (places.extents.empty() || !places.whole) fail(call.where(), " wants places");
  const std::int64_t depth = places.extents.back();
  if (depth < 1 || depth > static_cast<std::int64_t>(y.extents.size()))
    fail(call.where(), " has places of ", depth, " axes");
  std::int64_t part = 1;
  for (std::size_t i = static_cast<std::size_t>(depth); i < y.extents.size(); ++i)
    part *= y.extents[i];
  if (places.size() / depth * part != updates.size() || updates.whole != y.whole)
    fail(call.where(), " puts ", updates.size(), " numbers in ", places.size() / depth, " places");
  for (std::int64_t i = 0; i < places.size() / depth; ++i) {
    std::int64_t at = 0;
    for (std::int64_t k = 0; k < depth; ++k) {
      const std::int64_t extent = y.extents[static_cast<std::size_t>(k)];
      std::int64_t index = places.integers[static_cast<std::size_t>(i * depth + k)];
      if (index < 0) index += extent;
      if (index < 0 || index >= extent) fail(call.where(), " has a place ", index, " of ", extent);
      at = at * extent + index;
    }
    for (std::int64_t k = 0; k < part; ++k) {
      const auto to = static_cast<std::size_t>(at * part + k),
                 from = static_cast<std::size_t>(i * part + k);
      if (y.whole)
        y.integers[to] = updates.integers[from];
      else
        y.floats[to] = updates.floats[from];
    }
  }
  call.give(std::move(y));
}

void read_eye(GeneralCall& call) {
  const std::vector<std::int64_t> extents = call.extents(0);
  if (extents.size() != 2) fail(call.where(), " wants a matrix");
  if (checked_size(extents, call.where()) > most) call.unmapped("makes more than 2^24 numbers");
  Constant c{.extents = extents};
  for (std::int64_t i = 0; i < extents[0]; ++i)
    for (std::int64_t j = 0; j < extents[1]; ++j)
      c.floats.push_back(j - i == call.integer("k", 0) ? 1.0f : 0.0f);
  call.give(std::move(c));
}

void read_if(GeneralCall& call) {
  if (!call.is_constant(0))
    call.unmapped(
        "chooses by a value that is computed from the input; export the branch that is "
        "used");
  const Constant& condition = call.constant(0);
  if (condition.size() != 1) fail(call.where(), " has a condition that is no single value");
  const auto* branch = call.attribute(condition.scalar() != 0 ? "then_branch" : "else_branch");
  if (!branch || !branch->has_g()) fail(call.where(), " lacks a branch");
  call.reader.inline_graph(branch->g(), call.node);
}

}  // namespace

std::span<const Mapping> made() {
  static const Mapping all[] = {
      {.onnx = "Constant", .general = read_constant},
      {.onnx = "ConstantOfShape", .general = read_constant_of_shape},
      {.onnx = "Shape", .general = read_shape},
      {.onnx = "Size", .general = read_size},
      {.onnx = "Range", .general = read_range},
      {.onnx = "NonZero", .general = read_non_zero},
      {.onnx = "EyeLike", .general = read_eye},
      {.onnx = "ScatterND", .general = read_scatter},
      {.onnx = "If", .general = read_if},
  };
  return all;
}

}  // namespace rectify::onnx::ops
