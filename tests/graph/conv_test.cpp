// Layers over images in a model's text: shapes, parameters, work, errors.

#include <gtest/gtest.h>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"
#include "rectify/graph/window.h"

namespace rectify::graph {
namespace {

constexpr std::string_view lenet5 =
    "28x28x1 : conv 6 5x5 padding=2 | relu | max_pool 2 | conv 16 5x5 padding=valid | relu | "
    "max_pool 2 | flatten | dense 120 | relu | dense 84 | relu | dense 10";

std::string shape_after(const std::string& text) {
  const Graph g = parse_model(text);
  return g.node(g.result).type.shape.text();
}

TEST(ImageLayers, HaveTheShapesThatTheirWindowsGive) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"28x28x1 : conv 32 3x3", "28x28x32"},
      {"28x28x1 : conv 32 4x2", "28x28x32"},
      {"28x27x1 : conv 32 3x3 stride=2", "14x14x32"},
      {"28x28x1 : conv 6 5x5 padding=2", "28x28x6"},
      {"28x28x1 : conv 6 5x5 padding=valid", "24x24x6"},
      {"28x28x1 : conv 6 5x3 padding=1x0 stride=2x1", "13x26x6"},
      {"28x28x1 : conv 6 3 padding=valid dilation=2x3", "24x22x6"},
      {"28x28x8 : conv 16 1x1 groups=8", "28x28x16"},
      {"7x7x3 : max_pool 2", "3x3x3"},
      {"7x7x3 : max_pool 2 padding=same", "4x4x3"},
      {"7x7x3 : max_pool 3 stride=2 padding=1", "4x4x3"},
      {"7x7x3 : avg_pool 7x1", "1x7x3"},
      {"7x7x3 : avg_pool 2 stride=1", "6x6x3"},
      {"7x6x3 : global_avg_pool", "3"},
      {"7x6x3 : flatten", "126"},
      {"126 : reshape 7x6x3 | conv 2 3x3", "7x6x2"},
      {std::string(lenet5), "10"},
  };
  for (const auto& [text, shape] : cases) EXPECT_EQ(shape_after(text), shape) << text;
}

TEST(ImageLayers, PadTheSameSideAsTensorFlowAndOnnx) {
  Attributes attributes;
  attributes.set("kernel", std::string("4x3"));
  attributes.set("stride", std::string("1x2"));
  attributes.set("padding", std::string("same"));
  const Window window = window_of(attributes, Shape{9, 8, 1});
  EXPECT_EQ(window.y.before, 1);
  EXPECT_EQ(window.y.after, 2);
  EXPECT_EQ(window.x.before, 0);
  EXPECT_EQ(window.x.after, 1);
}

TEST(ImageLayers, ArePrintedAsTheyAreTyped) {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {std::string(lenet5), std::string(lenet5)},
      {"8x8x4 : conv units=8 kernel=3x3 stride=1 padding=same groups=2 dilation=1",
       "8x8x4 : conv 8 3x3 groups=2"},
      {"8x8x4 : conv 8 3 bias=no as first | conv 8 1x1",
       "8x8x4 : conv 8 3 bias=no as first | conv 8 1x1"},
      {"8x8x4 : max_pool 2 stride=kernel | avg_pool 3 padding=same | global_avg_pool",
       "8x8x4 : max_pool 2 | avg_pool 3 padding=same | global_avg_pool"},
      {"8x8x4 : reshape shape=16x16x1 | flatten as row",
       "8x8x4 : reshape 16x16x1 | flatten as row"},
  };
  for (const auto& [typed, printed] : pairs) {
    EXPECT_EQ(model_text(parse_model(typed)), printed);
    EXPECT_EQ(model_text(parse_model(printed)), printed);
  }
}

TEST(ImageLayers, HaveWeightsOfWindowInputsAndUnits) {
  const Graph g = parse_model("8x8x6 : conv 12 5x3 groups=3 | conv 4 1x1 bias=no");
  const Node& weight = g.node(g.find("conv1.weight"));
  EXPECT_EQ(weight.type.shape, (Shape{5, 3, 2, 12}));
  EXPECT_EQ(fan_of(weight).in, 5 * 3 * 2);
  EXPECT_EQ(fan_of(weight).out, 5 * 3 * 12 / 3);
  EXPECT_EQ(g.node(g.find("conv1.bias")).type.shape, Shape{12});
  EXPECT_EQ(g.find("conv2.bias"), -1);
  const Graph dense = parse_model("300 : dense 70");
  EXPECT_EQ(fan_of(dense.node(dense.find("dense1.weight"))).in, 300);
  EXPECT_EQ(fan_of(dense.node(dense.find("dense1.weight"))).out, 70);
}

TEST(ImageLayers, CostWhatTheirWindowsRead) {
  const Graph g = parse_model(
      "8x8x6 : conv 12 5x3 groups=3 | max_pool 2 | conv 4 1x1 bias=no | global_avg_pool");
  const auto cost = [&](const char* label) {
    const Node& node = g.node(g.find(label));
    return node.op->cost(g, node);
  };
  EXPECT_EQ(cost("conv1").forward_flops, 2.0 * 64 * (5 * 3 * 2 * 12) + 64 * 12);
  EXPECT_EQ(cost("conv1").gradient_flops, 2.0 * 64 * (5 * 3 * 2 * 12) + 64 * 12);
  EXPECT_EQ(cost("conv2").gradient_flops, 2 * 2.0 * 16 * (12 * 4));
  EXPECT_EQ(cost("max_pool1").forward_flops, 4 * 16 * 12);
  EXPECT_EQ(cost("global_avg_pool1").forward_flops, 16 * 4);
}

struct WrongLayer {
  std::string text;
  int column;
  std::vector<std::string> parts;
};

TEST(ImageLayers, SayWhatIsWrongWhere) {
  const std::vector<WrongLayer> cases = {
      {"8x8x1 : conv", 9, {"units is missing"}},
      {"8x8x1 : conv 8", 9, {"kernel is missing", "3x3"}},
      {"8x8x1 : conv 8 9x9 padding=valid", 9, {"reaches over 9", "has 8", "height", "smaller"}},
      {"8x8x1 : conv 8 3x5 padding=valid dilation=1x3", 9, {"reaches over 13", "8 of width"}},
      {"4x4x1 : conv 8 9x9 padding=1", 9, {"reaches over 9", "has 6", "2 of padding"}},
      {"8x8x1 : conv 8 3x3 padding=3", 9, {"padding of 3", "at most 2"}},
      {"8x8x1 : conv 8 3y3", 9, {"conv 'conv1'", "kernel must be", "'3y3'"}},
      {"8x8x1 : conv 8 3x3x3", 9, {"kernel must be", "'3x3x3'"}},
      {"8x8x1 : conv 8 0x3", 9, {"kernel must be", "from 1 to 1024"}},
      {"8x8x1 : conv 8 3x3 stride=0", 9, {"stride must be", "'0'"}},
      {"8x8x1 : conv 8 3x3 stride=same", 9, {"stride must be"}},
      {"8x8x1 : conv 8 3x3 dilation=1025", 9, {"dilation must be", "'1025'"}},
      {"8x8x1 : conv 8 3x3 padding=-1", 9, {"padding must be", "'-1'"}},
      {"8x8x1 : conv 8 3x3 padding=none", 9, {"padding must be", "'none'"}},
      {"8x8x6 : conv 8 3x3 groups=4", 9, {"4 groups", "6 channels", "8 units", "divisor"}},
      {"8x8x6 : conv 8 3x3 groups=3", 9, {"3 groups", "6 channels", "8 units"}},
      {"8x8x1 : conv 8 3x3 groups=0", 20, {"groups", "between 1 and"}},
      {"64 : conv 8 3x3", 6, {"conv 'conv1'", "height x width x channels", "gives 64"}},
      {"8x8 : max_pool 2", 7, {"gives 8x8", "reshape"}},
      {"8x8x1 : max_pool", 9, {"kernel is missing"}},
      {"8x8x1 : max_pool 9", 9, {"max_pool1", "on 8x8x1", "reaches over 9"}},
      {"8x8x1 : max_pool 2 padding=2", 9, {"padding of 2", "at most 1"}},
      {"64 : global_avg_pool", 6, {"global_avg_pool1", "gives 64"}},
      {"64 : reshape 8x9", 6, {"wants 72", "gives 64"}},
      {"64 : reshape 8x", 6, {"shape '8x'"}},
      {"64 : reshape", 6, {"shape is missing"}},
      {"8x8x4096 : conv 16777216 3x3", 12, {"weights are too many", "2^36"}},
      {"1048576x1048576x1 : conv 8 1x1", 21, {"more than 2^40"}},
      {"8x8x1 : cnov 8 3x3", 9, {"did you mean 'conv'"}},
  };
  for (const WrongLayer& wrong : cases) {
    std::string what;
    try {
      parse_model(wrong.text);
    } catch (const Error& error) {
      what = error.what();
    }
    for (const std::string& part : wrong.parts)
      EXPECT_NE(what.find(part), std::string::npos)
          << wrong.text << ": '" << what << "' lacks \"" << part << "\"";
    EXPECT_NE(what.find(concat("column ", wrong.column, ",")), std::string::npos)
        << wrong.text << ": '" << what << "' is not about column " << wrong.column;
  }
}

TEST(ImageLayers, SurviveAnyBytes) {
  const std::string base =
      "28x28x2 : conv 4 3x3 stride=2 groups=2 | max_pool 2 padding=1 | reshape 8x8x4 | flatten";
  for (std::size_t at = 0; at < base.size(); ++at)
    for (const char byte : {'\0', '\xff', '|', '=', 'x', ' ', '0', '9', '-'}) {
      std::string text = base;
      text[at] = byte;
      try {
        model_text(parse_model(text));
      } catch (const Error&) {
      }
    }
}

}  // namespace
}  // namespace rectify::graph
