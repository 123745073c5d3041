// What moves, cuts and repeats axes, in the general way.
#include <algorithm>
#include <limits>

#include "rectify/onnx/general.h"
#include "rectify/onnx/mapping.h"
#include "rectify/onnx/reader.h"

namespace rectify::onnx::ops {

namespace {

using Extents = std::vector<std::int64_t>;

/// A constant on other axes; no node is made for it.
void give_reshaped(GeneralCall& call, const Extents& extents) {
  const Tensor& x = call.tensor(0);
  if (!x.constant) return call.give(call.reshaped(x.view, extents), x.whole);
  Constant constant = *x.constant;
  if (checked_size(extents, call.where()) != constant.size())
    fail(call.where(), " makes ", checked_size(extents, call.where()), " numbers of ",
         constant.size());
  constant.extents = extents;
  call.give(std::move(constant));
}

void read_reshape(GeneralCall& call) {
  const Extents from = call.extents(0), asked = call.list(1, "shape");
  Extents extents;
  std::int64_t size = 1, rest = 1;
  for (const std::int64_t extent : from) size *= extent;
  int open = 0;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    std::int64_t extent = asked[i];
    if (extent == 0 && call.integer("allowzero", 0) == 0 && i < from.size()) extent = from[i];
    if (extent < -1 || extent == 0) call.unmapped("makes an axis of ", asked[i]);
    open += extent == -1 ? 1 : 0;
    if (extent > 0) rest *= std::min<std::int64_t>(extent, std::int64_t{1} << 30);
    if (rest > (std::int64_t{1} << 40)) fail(call.where(), " makes more than 2^40 numbers");
    extents.push_back(extent);
  }
  if (open > 1 || (open == 1 && size % rest != 0))
    fail(call.where(), " makes ", rest, " columns of ", size, " numbers");
  for (std::int64_t& extent : extents)
    if (extent == -1) extent = size / rest;
  give_reshaped(call, extents);
}

void read_flatten(GeneralCall& call) {
  const Extents from = call.extents(0);
  const std::int64_t given = call.integer("axis", 1);
  const auto rank = static_cast<std::int64_t>(from.size());
  const std::int64_t axis = given < 0 ? given + rank : given;
  if (axis < 0 || axis > rank) fail(call.where(), " has an axis ", given, " of ", rank);
  Extents extents = {1, 1};
  for (std::int64_t i = 0; i < rank; ++i)
    extents[i < axis ? 0 : 1] *= from[static_cast<std::size_t>(i)];
  give_reshaped(call, extents);
}

void read_squeeze(GeneralCall& call) {
  Extents extents = call.extents(0);
  const Extents asked = call.list(1, "axes");
  const std::vector<std::size_t> axes = call.axes(asked, extents.size());
  Extents kept;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    const bool named = std::ranges::count(axes, i) > 0;
    if (named && extents[i] != 1) fail(call.where(), " takes off an axis of ", extents[i]);
    if (!named && (!asked.empty() || extents[i] != 1)) kept.push_back(extents[i]);
  }
  give_reshaped(call, kept);
}

void read_unsqueeze(GeneralCall& call) {
  Extents extents = call.extents(0);
  const Extents asked = call.list(1, "axes");
  for (const std::size_t axis : call.axes(asked, extents.size() + asked.size()))
    extents.insert(extents.begin() + static_cast<std::ptrdiff_t>(axis), 1);
  give_reshaped(call, extents);
}

void read_transpose(GeneralCall& call) {
  const View x = call.view(0);
  std::vector<std::size_t> order;
  for (const std::int64_t axis : call.integers("perm"))
    order.push_back(call.axis(axis, x.axes.size()));
  if (order.empty()) {
    order = natural_order(x.axes.size());
    std::ranges::reverse(order);
  }
  std::vector<std::size_t> sorted = order;
  std::ranges::sort(sorted);
  if (sorted != natural_order(x.axes.size())) fail(call.where(), " does not name every axis once");
  call.give(permuted(x, order), call.tensor(0).whole);
}

void read_expand(GeneralCall& call) {
  View x = call.view(0);
  Extents extents = call.list(1, "shape");
  const std::size_t rank = std::max(extents.size(), x.axes.size());
  extents.insert(extents.begin(), rank - extents.size(), 1);
  x.axes.insert(x.axes.begin(), rank - x.axes.size(), Axis{});
  Extents step(rank, 1);
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t own = extent_of(x.axes[i]);
    if (own != 1 && extents[i] != 1 && own != extents[i])
      fail(call.where(), " makes ", extents[i], " elements of ", own);
    if (extents[i] == 1) extents[i] = own;
  }
  if (extents == x.extents()) return call.give(x, call.tensor(0).whole);
  call.give(call.cut(x, Extents(rank, 0), step, extents), call.tensor(0).whole);
}

void read_tile(GeneralCall& call) {
  View x = call.view(0);
  const Extents times = call.list(1, "repeats");
  if (times.size() != x.axes.size())
    fail(call.where(), " has ", times.size(), " repeats for ", x.axes.size(), " axes");
  // Each axis becomes (times, own), where the elements of the first are the same.
  Extents split, wide, joined;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const std::int64_t own = extent_of(x.axes[i]);
    if (times[i] < 1) call.unmapped("leaves no elements");
    if (times[i] > (std::int64_t{1} << 28)) call.unmapped("repeats ", times[i], " times");
    split.insert(split.end(), {1, own});
    wide.insert(wide.end(), {times[i], own});
    joined.push_back(times[i] * own);
  }
  const Extents none(split.size(), 0), ones(split.size(), 1);
  checked_size(wide, call.where());
  call.give(call.reshaped(call.cut(call.reshaped(x, split), none, ones, wide), joined),
            call.tensor(0).whole);
}

void read_concat(GeneralCall& call) {
  const std::size_t rank = call.extents(0).size();
  const std::size_t axis = call.axis(call.integer("axis", 1), rank);
  std::vector<View> parts;
  bool whole = true;
  for (int i = 0; i < call.node.input_size(); ++i) {
    whole = whole && call.tensor(i).whole;
    if (call.is_constant(i) && call.constant(i).size() == 0) continue;  // nothing to join
    parts.push_back(call.view(i));
    Extents own = parts.back().extents(), first = parts[0].extents();
    if (own.size() != rank)
      fail(call.where(), " joins values of ", rank, " and ", own.size(), " axes");
    own[axis] = first[axis] = 1;
    if (own != first) fail(call.where(), " joins values whose other axes differ");
  }
  if (parts.empty()) call.unmapped("joins no numbers");
  call.give(call.joined(parts, axis), whole);
}

void read_split(GeneralCall& call) {
  const View x = call.view(0);
  const std::size_t axis = call.axis(call.integer("axis", 0), x.axes.size());
  const std::int64_t extent = extent_of(x.axes[axis]);
  Extents sizes = call.list(1, "split");
  const std::int64_t count = call.node.output_size();
  if (sizes.empty())
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t each = (extent + count - 1) / count;
      sizes.push_back(std::min(each, extent - i * each));
    }
  std::int64_t first = 0;
  for (std::int64_t i = 0; i < count && i < static_cast<std::int64_t>(sizes.size()); ++i) {
    const std::int64_t size = sizes[static_cast<std::size_t>(i)];
    if (size < 0 || size > extent - first)
      fail(call.where(), " takes ", size, " of the last ", extent - first, " elements");
    if (size > 0 && call.gives(static_cast<int>(i)))
      call.give(call.part(x, axis, first, size), call.tensor(0).whole, static_cast<int>(i));
    first += size;
  }
}

void read_slice(GeneralCall& call) {
  const View x = call.view(0);
  const Extents starts = call.list(1, "starts"), ends = call.list(2, "ends"),
                named = call.list(3, "axes"), steps = call.list(4, "steps");
  Extents first(x.axes.size(), 0), step(x.axes.size(), 1), count = x.extents();
  if (ends.size() != starts.size() || (!named.empty() && named.size() != starts.size()) ||
      (!steps.empty() && steps.size() != starts.size()))
    fail(call.where(), " has lists of different lengths");
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::size_t axis =
        call.axis(named.empty() ? static_cast<std::int64_t>(i) : named[i], x.axes.size());
    const std::int64_t extent = count[axis], by = steps.empty() ? 1 : steps[i];
    if (by == 0 || by == INT64_MIN) fail(call.where(), " goes in steps of ", by);
    const auto place = [&](std::int64_t at, std::int64_t low, std::int64_t high) {
      return std::clamp(at < 0 ? std::max(at, -extent - 1) + extent : at, low, high);
    };
    const std::int64_t from =
        by > 0 ? place(starts[i], 0, extent) : place(starts[i], 0, extent - 1);
    const std::int64_t to = by > 0 ? place(ends[i], 0, extent) : place(ends[i], -1, extent - 1);
    const std::int64_t span = by > 0 ? to - from : from - to, size = by > 0 ? by : -by;
    first[axis] = from;
    count[axis] = span <= 0 ? 0 : (span - 1) / size + 1;
    step[axis] = count[axis] > 1 ? by : 1;
    if (count[axis] == 0) {
      if (!call.is_constant(0)) call.unmapped("leaves no elements");
      Constant none{.extents = call.extents(0), .whole = call.tensor(0).whole};
      none.extents[axis] = 0;
      return call.give(std::move(none));
    }
  }
  if (count == x.extents() && std::ranges::all_of(step, [](auto v) { return v == 1; }))
    return call.give(x, call.tensor(0).whole);
  call.give(call.cut(x, first, step, count), call.tensor(0).whole);
}

void read_pad(GeneralCall& call) {
  const View x = call.view(0);
  const std::size_t rank = x.axes.size();
  Extents pads = call.list(1, "pads");
  if (pads.empty()) pads = call.integers("paddings");
  std::vector<std::size_t> axes = natural_order(rank);
  if (call.has(3)) {
    axes.clear();
    for (const std::int64_t axis : call.list(3, "axes")) axes.push_back(call.axis(axis, rank));
  }
  if (pads.size() != 2 * axes.size())
    fail(call.where(), " has ", pads.size(), " pads for ", axes.size(), " axes");
  Extents before(rank, 0), after(rank, 0);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    before[axes[i]] = pads[i];
    after[axes[i]] = pads[i + axes.size()];
  }
  double value = call.number("value", 0);
  if (call.has(2)) {
    if (call.constant(2).size() != 1) fail(call.where(), " pads with what is no number");
    value = call.constant(2).scalar();
  }
  constexpr double all = std::numeric_limits<float>::max();
  call.give(call.padded(x, before, after, call.word("mode", "constant"),
                        std::clamp(tidy(value), -all, all)),
            call.tensor(0).whole);
}

/// Blocks of b x b pixels that were channels, or the way back.
void read_blocks(GeneralCall& call) {
  const Extents from = call.extents(0);
  const std::int64_t b = call.integer("blocksize", 0);
  const bool to_space = call.node.op_type() == "DepthToSpace";
  if (from.size() != 4 || b < 1 || b > 1024 || (to_space && from[1] % (b * b) != 0) ||
      (!to_space && (from[2] % b != 0 || from[3] % b != 0)))
    fail(call.where(), " has blocks of ", b, " that do not fit its input");
  const View x = call.view(0);
  const std::int64_t n = from[0], c = from[1], h = from[2], w = from[3];
  View y;
  if (!to_space) {
    y = permuted(call.reshaped(x, {n, c, h / b, b, w / b, b}), {0, 3, 5, 1, 2, 4});
    return call.give(call.reshaped(y, {n, c * b * b, h / b, w / b}));
  }
  if (call.word("mode", "DCR") == "DCR")
    y = permuted(call.reshaped(x, {n, b, b, c / (b * b), h, w}), {0, 3, 4, 1, 5, 2});
  else
    y = permuted(call.reshaped(x, {n, c / (b * b), b, b, h, w}), {0, 1, 4, 2, 5, 3});
  call.give(call.reshaped(y, {n, c / (b * b), h * b, w * b}));
}

}  // namespace

std::span<const Mapping> axes() {
  static const Mapping all[] = {
      {.onnx = "Reshape", .general = read_reshape},
      {.onnx = "Flatten", .general = read_flatten},
      {.onnx = "Squeeze", .general = read_squeeze},
      {.onnx = "Unsqueeze", .general = read_unsqueeze},
      {.onnx = "Transpose", .general = read_transpose},
      {.onnx = "Expand", .general = read_expand},
      {.onnx = "Tile", .general = read_tile},
      {.onnx = "Concat", .general = read_concat},
      {.onnx = "Split", .general = read_split},
      {.onnx = "Slice", .general = read_slice},
      {.onnx = "Pad", .general = read_pad},
      {.onnx = "DepthToSpace", .general = read_blocks},
      {.onnx = "SpaceToDepth", .general = read_blocks},
  };
  return all;
}

}  // namespace rectify::onnx::ops
