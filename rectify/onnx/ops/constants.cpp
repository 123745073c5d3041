// Constants, and computations with shapes, whose results are constants here.

#include <algorithm>

#include "rectify/onnx/mapping.h"
#include "rectify/onnx/reader.h"

namespace rectify::onnx::ops {

namespace {

constexpr std::int64_t most = std::int64_t{1} << 20;

void read_constant(Call& call) {
  if (const auto* value = call.attribute("value"); value && value->has_t()) {
    const auto tensor = call.reader.tensor(value->t(), call.where());
    return call.give(Value{.constant = tensor});
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
  call.unmapped("has a value of a kind that is not mapped");
}

void read_constant_of_shape(Call& call) {
  Constant c{.extents = call.integers(0, "shape")};
  for (const std::int64_t extent : c.extents)
    if (extent == batch_symbol) call.unmapped("makes a constant as large as the batch");
  const std::int64_t size = checked_size(c.extents, call.where());
  if (size > most) call.unmapped("makes ", size, " numbers; ", most, " at most are mapped");
  float number = 0;
  if (const auto* value = call.attribute("value")) {
    const auto one = call.reader.tensor(value->t(), call.where());
    if (one->size() != 1 || one->whole) call.unmapped("is of a value that is no single float");
    number = one->floats[0];
  }
  c.floats.assign(static_cast<std::size_t>(size), number);
  call.give(std::move(c));
}

void read_shape(Call& call) {
  const Value& value = call.value(0);
  if (!(value.constant || value.ids || value.whole()) || call.attribute("start") ||
      call.attribute("end"))
    call.unmapped("is of a part of a value");
  Constant shape{.whole = true};
  if (value.constant) {
    shape.integers = value.constant->extents;
  } else {
    shape.integers = value.view.extents();
    shape.integers.insert(shape.integers.begin(), batch_symbol);
  }
  shape.extents = {static_cast<std::int64_t>(shape.integers.size())};
  call.give(std::move(shape));
}

/// Slice of a list.
void read_slice(Call& call) {
  const Constant& from = call.constant(0);
  const auto one = [&](int input, std::string_view name, std::int64_t otherwise) {
    const std::vector<std::int64_t> v = call.integers(input, name);
    if (v.size() > 1) call.unmapped("is of several axes");
    return v.empty() ? otherwise : v[0];
  };
  if (from.extents.size() != 1 || !from.whole) call.unmapped("is of no list of whole numbers");
  const auto size = static_cast<std::int64_t>(from.integers.size());
  if (one(4, "steps", 1) != 1) call.unmapped("goes in steps");
  const auto place = [&](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size);
  };
  const std::int64_t first = place(std::max(-size, one(1, "starts", 0)));
  const std::int64_t last = place(std::max(-size, one(2, "ends", size)));
  Constant result{.whole = true};
  for (std::int64_t i = first; i < last; ++i)
    result.integers.push_back(from.integers[static_cast<std::size_t>(i)]);
  result.extents = {static_cast<std::int64_t>(result.integers.size())};
  call.give(std::move(result));
}

}  // namespace

std::span<const Mapping> constants() {
  static const Mapping all[] = {
      {.onnx = "Constant", .read = read_constant},
      {.onnx = "ConstantOfShape", .read = read_constant_of_shape},
      {.onnx = "Shape", .read = read_shape},
      {.onnx = "Slice", .read = read_slice},
  };
  return all;
}

}  // namespace rectify::onnx::ops
