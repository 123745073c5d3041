// resample: more or fewer elements along one axis, each of those around its place. Element j of the
// result is at the place p of the input that `coordinates` gives, with s = `scale`, n and m the
// extents of input and result:
//
//     half_pixel: (j + 1/2) / s - 1/2     asymmetric: j / s     align_corners: j (n - 1) / (m - 1)
//     pytorch_half_pixel: half_pixel, and 0 if m is 1
//
// nearest takes the element that `rounding` says; linear two; cubic four, with `a` = `cubic` (Keys
// 1981). Beyond the ends the last element is repeated. Forward only: it is for networks from
// elsewhere (docs/onnx.md).

#include "rectify/base/error.h"
#include "rectify/graph/lists.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

constexpr std::string_view modes[] = {"nearest", "linear", "cubic"};
constexpr std::string_view coordinates[] = {"half_pixel", "pytorch_half_pixel", "asymmetric",
                                            "align_corners"};
constexpr std::string_view roundings[] = {"round_prefer_floor", "round_prefer_ceil", "floor",
                                          "ceil"};
const AttributeSpec attributes[] = {
    {.name = "extent",
     .initial = std::int64_t{0},
     .positional = true,
     .low = 1,
     .high = 1 << 24,
     .meaning = "elements of the result"},
    {.name = "axis", .initial = std::int64_t{0}, .low = 0, .high = 63, .meaning = "along which"},
    {.name = "scale",
     .initial = 1.0,
     .low = 1e-9,
     .high = 1e9,
     .meaning = "how many times as many elements"},
    {.name = "mode",
     .initial = std::string("nearest"),
     .choices = modes,
     .meaning = "how many elements count"},
    {.name = "coordinates",
     .initial = std::string("half_pixel"),
     .choices = coordinates,
     .meaning = "where an element lies"},
    {.name = "rounding",
     .initial = std::string("round_prefer_floor"),
     .choices = roundings,
     .meaning = "which is the nearest"},
    {.name = "cubic", .initial = -0.75, .low = -10, .high = 10, .meaning = "of cubic"},
};

Type infer(const Graph& graph, const Node& node) {
  std::vector<std::int64_t> extents = graph.input(node, 0).type.shape.extents();
  const std::int64_t axis = node.attributes.integer("axis");
  if (axis < 0 || axis >= static_cast<std::int64_t>(extents.size()))
    fail(where(node), " has the axis ", axis, " but '", graph.input(node, 0).label, "' has ",
         extents.size());
  extents[static_cast<std::size_t>(axis)] = node.attributes.integer("extent");
  return type_of(graph, node, Shape(std::move(extents)));
}

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  return graph.add("resample", {input}, given, std::move(label));
}

}  // namespace

std::span<const Operator> resample() {
  static const Operator all[] = {{.name = "resample",
                                  .summary = "more or fewer elements along an axis",
                                  .attributes = attributes,
                                  .infer = infer,
                                  .build = build}};
  return all;
}

}  // namespace rectify::graph::ops
