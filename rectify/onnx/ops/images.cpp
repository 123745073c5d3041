// Convolutions, pools and resizing in the general way: of images, and of rows as images of
// height 1.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "rectify/onnx/general.h"
#include "rectify/onnx/mapping.h"

namespace rectify::onnx::ops {

namespace {

using Extents = std::vector<std::int64_t>;
using Pair = std::array<std::int64_t, 2>;

constexpr std::int64_t most = 1024;  // as graph/window.cpp takes

/// A window along height and width.
struct Sliding {
  Pair size, stride, dilation, before, after, out;
  std::int64_t reach(std::size_t i) const { return (size[i] - 1) * dilation[i] + 1; }
};

/// The numbers of an attribute, for height and width; of rows the first is `otherwise`.
Pair pair_of(const GeneralCall& call, const Extents& given, std::size_t spatial,
             std::int64_t otherwise) {
  if (given.empty()) return {otherwise, otherwise};
  if (given.size() != spatial)
    fail(call.where(), " has ", given.size(), " numbers for ", spatial, " axes");
  for (const std::int64_t number : given)
    if (number < -(1 << 20) || number > (1 << 20)) fail(call.where(), " has a number ", number);
  return spatial == 1 ? Pair{otherwise, given[0]} : Pair{given[0], given[1]};
}

/// The axes batch x channels x height x width of a value that may lack the height.
View as_image(const GeneralCall& call, View x) {
  if (x.axes.size() == 3) x.axes.insert(x.axes.begin() + 2, Axis{});
  if (x.axes.size() != 4)
    call.unmapped("works on ", x.axes.size(), " axes; images have 4 and rows 3");
  if (extent_of(x.axes[0]) != 1)
    call.unmapped("works on ", extent_of(x.axes[0]),
                  " images of one sample; let axis 0 be the batch");
  return x;
}

View as_it_was(View y, std::size_t spatial) {
  if (spatial == 1) y.axes.erase(y.axes.begin() + 2);
  return y;
}

/// height x width x channels.
View last(const View& x) { return {x.node, {x.axes[2], x.axes[3], x.axes[1]}}; }
View first(GeneralCall& call, graph::NodeId node) {
  View view = image_view(call.graph(), node);
  view.axes.insert(view.axes.begin(), Axis{});
  return view;
}

std::string text(const Pair& pair) { return concat(pair[0], "x", pair[1]); }

/// The window of a convolution or a pool over `x`, padded as the node says.
Sliding window_of(const GeneralCall& call, const View& x, const Extents& kernel) {
  const std::size_t spatial = kernel.size();
  Sliding w{.size = pair_of(call, kernel, spatial, 1),
            .stride = pair_of(call, call.integers("strides"), spatial, 1),
            .dilation = pair_of(call, call.integers("dilations"), spatial, 1)};
  const Extents pads = call.integers("pads");
  const std::string how = call.word("auto_pad", "NOTSET");
  if (how == "NOTSET" && !pads.empty()) {
    if (pads.size() != 2 * spatial) fail(call.where(), " has ", pads.size(), " pads");
    const auto middle = pads.begin() + static_cast<std::ptrdiff_t>(spatial);
    w.before = pair_of(call, {pads.begin(), middle}, spatial, 0);
    w.after = pair_of(call, {middle, pads.end()}, spatial, 0);
  }
  for (std::size_t i = 0; i < 2; ++i) {
    if (w.size[i] < 1 || w.size[i] > most || w.stride[i] < 1 || w.stride[i] > most ||
        w.dilation[i] < 1 || w.dilation[i] > most || w.before[i] < 0 || w.after[i] < 0)
      call.unmapped("has a window of ", text(w.size), ", strides of ", text(w.stride),
                    ", dilations of ", text(w.dilation), "; 1 to ", most,
                    " are read, and pads from 0");
    const std::int64_t in = extent_of(x.axes[2 + i]);
    if (how == "SAME_UPPER" || how == "SAME_LOWER") {
      w.out[i] = (in + w.stride[i] - 1) / w.stride[i];
      const std::int64_t all =
          std::max<std::int64_t>(0, (w.out[i] - 1) * w.stride[i] + w.reach(i) - in);
      w.before[i] = how == "SAME_UPPER" ? all / 2 : all - all / 2;
      w.after[i] = all - w.before[i];
      continue;
    }
    const std::int64_t rest = in + w.before[i] + w.after[i] - w.reach(i);
    if (rest < 0) fail(call.where(), " has a window larger than its image");
    const bool up = call.integer("ceil_mode", 0) != 0;
    w.out[i] = (rest + (up ? w.stride[i] - 1 : 0)) / w.stride[i] + 1;
    if (up && (w.out[i] - 1) * w.stride[i] >= in + w.before[i]) --w.out[i];
  }
  return w;
}

/// The image with its padding, so that a window without any has the same places. ceil_mode may
/// want more of it at the end.
View padded(GeneralCall& call, const View& x, const Sliding& w, double value) {
  Extents before = {0, 0}, after = {0, 0};
  for (std::size_t i = 0; i < 2; ++i) {
    const std::int64_t in = extent_of(x.axes[2 + i]);
    const std::int64_t end = (w.out[i] - 1) * w.stride[i] + w.reach(i);
    before.push_back(w.before[i]);
    after.push_back(std::max<std::int64_t>(0, end - in - w.before[i]));
  }
  return call.padded(x, before, after, "constant", value);
}

graph::Attributes attributes_of(const Sliding& w) {
  graph::Attributes attributes;
  attributes.set("kernel", text(w.size));
  attributes.set("stride", text(w.stride));
  attributes.set("padding", std::string("valid"));
  return attributes;
}

/// Calls visit(here, there) for the positions of each weight in our order, taps x channels x units,
/// and in ONNX's, units x channels x taps.
std::vector<float> turned(const std::vector<float>& there, std::int64_t units,
                          std::int64_t channels, std::int64_t taps) {
  std::vector<float> here(there.size());
  std::size_t at = 0;
  for (std::int64_t u = 0; u < units; ++u)
    for (std::int64_t c = 0; c < channels; ++c)
      for (std::int64_t t = 0; t < taps; ++t)
        here[static_cast<std::size_t>((t * channels + c) * units + u)] = there[at++];
  return here;
}

/// The bias of the units of a convolution; empty without one.
std::vector<float> bias_of(const GeneralCall& call, std::int64_t units) {
  if (!call.has(2)) return {};
  if (call.constant(2).size() != units)
    fail(call.where(), " has ", call.constant(2).size(), " biases for ", units, " units");
  return call.constant(2).as_floats();
}

void read_conv(GeneralCall& call) {
  const View given = call.view(0);
  const View x = as_image(call, given);
  const Constant& weight = call.constant(1);
  const std::size_t spatial = given.axes.size() - 2;
  if (weight.extents.size() != spatial + 2)
    fail(call.where(), " has weights of ", weight.extents.size(), " axes for ", given.axes.size());
  const Extents kernel(weight.extents.begin() + 2, weight.extents.end());
  Sliding w = window_of(call, x, kernel);
  const std::int64_t units = weight.extents[0], channels = weight.extents[1],
                     groups = call.integer("group", 1);
  if (groups < 1 || units < 1 || units % groups != 0 || channels < 1 ||
      channels > extent_of(x.axes[1]) || groups > extent_of(x.axes[1]) ||
      channels * groups != extent_of(x.axes[1]))
    fail(call.where(), " has weights for ", groups, " groups of ", channels, " channels and ",
         units, " units but reads ", extent_of(x.axes[1]), " channels");
  graph::Attributes attributes = attributes_of(w);
  View from = x;
  const bool even = w.before == w.after && w.before[0] < w.reach(0) && w.before[1] < w.reach(1);
  if (even)
    attributes.set("padding", text(w.before));
  else
    from = padded(call, x, w, 0);
  const std::vector<float> bias = bias_of(call, units);
  attributes.set("dilation", text(w.dilation));
  attributes.set("units", units);
  attributes.set("groups", groups);
  attributes.set("bias", std::string(call.has(2) ? "yes" : "no"));
  const graph::NodeId node =
      call.reader.build("conv", call.reader.laid(last(from)), attributes, call.label());
  call.reader.set_numbers(node, "weight",
                          turned(weight.as_floats(), units, channels, w.size[0] * w.size[1]));
  if (call.has(2)) call.reader.set_numbers(node, "bias", bias);
  call.give(as_it_was(first(call, node), spatial));
}

/// The result of a transposed convolution without what its pads take off; output_padding adds to
/// the end.
View cropped(GeneralCall& call, const View& y, const View& x, std::size_t spatial,
             const Pair& stride) {
  const Extents pads = call.integers("pads"), shape = call.integers("output_shape");
  if (!shape.empty() && shape.size() < spatial)
    fail(call.where(), " has too short an output_shape");
  const Pair more = pair_of(call, call.integers("output_padding"), spatial, 0);
  Extents before = {0, 0}, after = {0, 0};
  const Pair none{0, 0};
  const auto half = pads.begin() + static_cast<std::ptrdiff_t>(pads.size() / 2);
  Pair low = pads.empty() ? none : pair_of(call, {pads.begin(), half}, spatial, 0);
  const Pair high = pads.empty() ? none : pair_of(call, {half, pads.end()}, spatial, 0);
  const std::string how = call.word("auto_pad", "NOTSET");
  for (std::size_t i = 0; i < 2; ++i) {
    const std::int64_t full = extent_of(y.axes[2 + i]);
    std::int64_t want = 0;
    if (!shape.empty())
      want = pair_of(call, {shape.end() - static_cast<std::ptrdiff_t>(spatial), shape.end()},
                     spatial, 1)[i];
    else if (how == "SAME_UPPER" || how == "SAME_LOWER")
      want = extent_of(x.axes[2 + i]) * stride[i];
    if (want > 0) {  // what is too much is taken off both ends; what lacks comes at the end
      const std::int64_t all = std::max<std::int64_t>(0, full + more[i] - want);
      low[i] = how == "SAME_UPPER" ? all / 2 : all - all / 2;
    }
    before.push_back(-low[i]);
    after.push_back(want > 0 ? want - (full - low[i]) : more[i] - high[i]);
  }
  return call.padded(y, before, after, "constant", 0);
}

void read_conv_transpose(GeneralCall& call) {
  const View given = call.view(0);
  const View x = as_image(call, given);
  const Constant& weight = call.constant(1);
  const std::size_t spatial = given.axes.size() - 2;
  if (weight.extents.size() != spatial + 2)
    fail(call.where(), " has weights of ", weight.extents.size(), " axes for ", given.axes.size());
  const std::int64_t inputs = weight.extents[0], groups = call.integer("group", 1);
  if (inputs != extent_of(x.axes[1]) || groups < 1 || groups > inputs || inputs % groups != 0 ||
      weight.extents[1] < 1)
    fail(call.where(), " has weights for ", inputs, " channels in ", groups, " groups but reads ",
         extent_of(x.axes[1]));
  const std::int64_t units = weight.extents[1] * groups;
  const Extents kernel(weight.extents.begin() + 2, weight.extents.end());
  const Pair size = pair_of(call, kernel, spatial, 1),
             stride = pair_of(call, call.integers("strides"), spatial, 1),
             dilation = pair_of(call, call.integers("dilations"), spatial, 1);
  graph::Attributes attributes;
  attributes.set("units", units);
  attributes.set("kernel", text(size));
  attributes.set("stride", text(stride));
  attributes.set("dilation", text(dilation));
  attributes.set("groups", groups);
  const graph::NodeId node =
      call.reader.build("conv_transpose", call.reader.laid(last(x)), attributes, call.label());
  call.reader.set_numbers(node, "weight",
                          turned(weight.as_floats(), inputs, weight.extents[1], size[0] * size[1]));
  View y = cropped(call, first(call, node), x, spatial, stride);
  if (const std::vector<float> bias = bias_of(call, units); !bias.empty())
    y = call.pairwise("add", y, call.row_of_numbers(bias, {units, 1, 1}));
  call.give(as_it_was(y, spatial));
}

/// How many elements of the image, and of its padding where that counts, a window has of as many
/// as its mean is of: what an average over all taps has to be multiplied by.
std::vector<float> shares(const View& x, const Sliding& w, bool padding_counts) {
  std::array<std::vector<double>, 2> counts;
  for (std::size_t i = 0; i < 2; ++i)
    for (std::int64_t at = 0; at < w.out[i]; ++at) {
      std::int64_t inside = 0;
      const std::int64_t in = extent_of(x.axes[2 + i]);
      for (std::int64_t tap = 0; tap < w.size[i]; ++tap) {
        const std::int64_t place = at * w.stride[i] + tap * w.dilation[i] - w.before[i];
        inside += padding_counts ? place < in + w.after[i] : place >= 0 && place < in;
      }
      counts[i].push_back(static_cast<double>(w.size[i]) / static_cast<double>(inside));
    }
  std::vector<float> all;
  for (const double y : counts[0])
    for (const double z : counts[1]) all.push_back(static_cast<float>(y * z));
  return all;
}

void read_pool(GeneralCall& call) {
  if (call.gives(1)) call.unmapped("gives '", call.node.output(1), "' too, where the largest are");
  const bool max = call.node.op_type() == "MaxPool";
  const View given = call.view(0);
  const View x = as_image(call, given);
  const Extents kernel = call.integers("kernel_shape");
  if (kernel.size() + 2 != given.axes.size())
    fail(call.where(), " has a window of ", kernel.size(), " axes for ", given.axes.size());
  const Sliding w = window_of(call, x, kernel);
  if (w.dilation != Pair{1, 1}) call.unmapped("has dilations, which pools do not have here");
  constexpr double lowest = -std::numeric_limits<float>::max();
  const View from = padded(call, x, w, max ? lowest : 0);
  const graph::NodeId node = call.reader.build(
      max ? "max_pool" : "avg_pool", call.reader.laid(last(from)), attributes_of(w), call.label());
  View y = first(call, node);
  if (!max) {
    const std::vector<float> share = shares(x, w, call.integer("count_include_pad", 0) != 0);
    if (std::ranges::any_of(share, [](float v) { return v != 1; }))
      y = call.pairwise("multiply", y, call.row_of_numbers(share, {w.out[0], w.out[1]}));
  }
  call.give(as_it_was(y, kernel.size()));
}

void read_global_pool(GeneralCall& call) {
  const View x = call.view(0);
  if (x.axes.size() < 3) fail(call.where(), " wants batch x channels x further axes");
  if (call.node.op_type() == "GlobalAveragePool" && x.axes.size() == 4 &&
      extent_of(x.axes[0]) == 1) {
    const graph::NodeId node =
        call.reader.build("global_avg_pool", call.reader.laid(last(x)), {}, call.label());
    const View channels = natural_view(call.graph(), node);
    return call.give(View{node, {{}, channels.axes[0], {}, {}}});
  }
  std::vector<std::size_t> axes;
  for (std::size_t i = 2; i < x.axes.size(); ++i) axes.push_back(i);
  call.give(call.reduce(x, call.node.op_type() == "GlobalMaxPool" ? "max" : "mean", axes));
}

/// Which words of Resize are those of `resample`.
graph::Attributes sampling_of(const GeneralCall& call) {
  graph::Attributes attributes;
  const bool old = call.node.op_type() == "Upsample" || call.reader.operator_set() < 11;
  const std::string mode = call.word("mode", "nearest");
  const std::string coordinates =
      old ? "asymmetric" : call.word("coordinate_transformation_mode", "half_pixel");
  for (const std::string_view known :
       {"half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners"})
    if (coordinates == known) attributes.set("coordinates", coordinates);
  if (!attributes.has("coordinates"))
    call.unmapped("has the coordinates '", coordinates,
                  "', which are not read; export it with half_pixel");
  if (mode != "nearest" && mode != "linear" && mode != "cubic" && mode != "bilinear")
    call.unmapped("has the mode '", mode, "'");
  if (call.integer("antialias", 0) != 0 || call.integer("exclude_outside", 0) != 0 ||
      call.word("keep_aspect_ratio_policy", "stretch") != "stretch")
    call.unmapped("asks for antialias, exclude_outside or an aspect ratio, which are not read");
  attributes.set("mode", mode == "bilinear" ? std::string("linear") : mode);
  attributes.set("rounding", old ? "floor" : call.word("nearest_mode", "round_prefer_floor"));
  attributes.set("cubic", call.number("cubic_coeff_a", -0.75));
  return attributes;
}

void read_resize(GeneralCall& call) {
  View x = call.view(0);
  const bool upsample = call.node.op_type() == "Upsample";
  const bool old = upsample || call.reader.operator_set() < 11;
  std::vector<std::size_t> axes = natural_order(x.axes.size());
  if (!call.integers("axes").empty()) axes = call.axes(call.integers("axes"), x.axes.size());
  std::vector<float> scales = call.numbers("scales");
  const int at = old ? 1 : 2;
  if (call.has(at) && call.constant(at).size() > 0) scales = call.constant(at).as_floats();
  Extents sizes;
  if (scales.empty()) sizes = call.list(3, "sizes");
  if (scales.size() != axes.size() && sizes.size() != axes.size())
    fail(call.where(), " has ", scales.size(), " scales and ", sizes.size(), " sizes for ",
         axes.size(), " axes");
  graph::Attributes attributes = sampling_of(call);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::int64_t own = extent_of(x.axes[axes[i]]);
    const double scale = scales.empty() ? static_cast<double>(sizes[i]) / static_cast<double>(own)
                                        : static_cast<double>(scales[i]);
    if (!(scale > 1e-9 && scale < 1e6)) fail(call.where(), " has a scale of ", scale);
    const std::int64_t extent =
        scales.empty() ? sizes[i]
                       : static_cast<std::int64_t>(std::floor(static_cast<double>(own) * scale));
    if (extent < 1 || extent > (1 << 24)) fail(call.where(), " makes ", extent, " elements");
    if (extent == own && scale == 1) continue;
    if (attributes.word("coordinates") == "align_corners" &&
        std::abs(static_cast<double>(own) * scale - static_cast<double>(extent)) > 1e-3)
      call.unmapped("aligns corners of ", own, " elements times ", scale,
                    ", which is no whole number; give sizes");
    const std::vector<std::size_t> order = memory_order(x);
    const auto axis = std::ranges::find(order, axes[i]) - order.begin();
    attributes.set("axis", static_cast<std::int64_t>(axis));
    attributes.set("extent", extent);
    attributes.set("scale", scale);
    x = call.reader.view_of(
        call.reader.build("resample", call.reader.laid(permuted(x, order)), attributes, {}), order);
  }
  call.give(x, call.tensor(0).whole);
}

}  // namespace

std::span<const Mapping> images() {
  static const Mapping all[] = {
      {.onnx = "Conv", .general = read_conv},
      {.onnx = "ConvTranspose", .general = read_conv_transpose},
      {.onnx = "MaxPool", .general = read_pool},
      {.onnx = "AveragePool", .general = read_pool},
      {.onnx = "GlobalAveragePool", .general = read_global_pool},
      {.onnx = "GlobalMaxPool", .general = read_global_pool},
      {.onnx = "Resize", .general = read_resize},
      {.onnx = "Upsample", .general = read_resize},
  };
  return all;
}

}  // namespace rectify::onnx::ops
