// The documentation page of the family: docs/activations/.

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/report/activation_words.h"
#include "rectify/report/activations.h"

namespace rectify::report {
namespace {

using activation::Row;

/// The text as code in a cell of a table; a bar would end the cell.
std::string code(std::string_view text) {
  std::string out = "`";
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out + "`";
}

std::string overview() {
  std::string text =
      "| name | value | range | saturates | zero-centred | max slope | exact zeros | smooth | gain "
      "| initialiser |\n|---|---|---|---|---|---|---|---|---|---|\n";
  for (const Row& row : activation::family()) {
    const ActivationWords words(row);
    const activation::Properties& has = words.properties;
    text += concat("| [", code(row.name), "](#", row.name, ") | ", code(row.formula), " | ",
                   words.range, " | ", words.saturates, " | ", yes(has.zero_centred), " | ",
                   fixed_text(has.largest_slope, 3), " | ", yes(has.exact_zeros), " | ",
                   yes(has.smooth), " | ", fixed_text(has.gain, 3), " | ",
                   code(activation::name_of(row.initialiser)), " |\n");
  }
  return text;
}

std::string section(const Row& row) {
  const ActivationWords words(row);
  const activation::Properties& has = words.properties;
  std::string text = concat("## ", row.name, "\n\n");
  for (std::size_t i = 0; i < row.aliases.size(); ++i)
    text += concat(i == 0 ? "Also " : ", ", code(row.aliases[i]),
                   i + 1 == row.aliases.size() ? ".\n\n" : "");
  text +=
      concat("![value and derivative of ", row.name, "](", row.name, ".svg)\n\n| | |\n|---|---|\n");
  const auto line = [&](const char* title, const std::string& value) {
    if (!value.empty()) text += concat("| ", title, " | ", value, " |\n");
  };
  line("value", code(row.formula));
  line("derivative", code(row.derivative));
  line("at the kink", std::string(row.kink));
  for (const std::string& parameter : words.parameters) line("parameter", parameter);
  line("in training", words.in_training);
  line("as x → −∞", tail_words(words.left, true));
  line("as x → ∞", tail_words(words.right, false));
  line("range", words.range);
  line("saturates", words.saturates);
  line("zero-centred", yes(has.zero_centred));
  line("largest slope", fixed_text(has.largest_slope, 4));
  line("exact zeros", yes(has.exact_zeros));
  line("smooth", yes(has.smooth));
  line("gain", fixed_text(has.gain, 4));
  line("initialiser", code(activation::name_of(row.initialiser)));
  line("accuracy", words.accuracy);
  line("ONNX", row.onnx.empty() ? words.onnx : code(row.onnx));
  line("source", std::string(row.source));
  text += "\n| x |";
  for (const double x : anchors) text += " " + number_text(x) + " |";
  text += "\n|---|";
  for (std::size_t i = 0; i < anchors.size(); ++i) text += "---|";
  text += "\n| value |";
  for (const double x : anchors) text += " " + fixed_text(row.value(x, words.p), 5) + " |";
  text += "\n| derivative |";
  for (const double x : anchors) text += " " + fixed_text(row.slope(x, words.p), 5) + " |";
  return text + "\n";
}

}  // namespace

std::string activation_readme() {
  std::string text =
      "# The activation family\n\n"
      "This page is made from the rows of `rectify/activation/family.h` by\n\n"
      "    build/bin/rectify activations --page docs/activations\n\n"
      "Do not edit it by hand ([how to add an activation](../adding-an-activation.md)). All\n"
      "values are for the default parameters. *Gain*: the factor that keeps the second moment\n"
      "of a standard normal input. *Exact zeros*: whole intervals map to 0. *Smooth*: the\n"
      "derivative has no jump. In the pictures the value is solid and the derivative dashed; at\n"
      "a jump, the filled dot shows which side holds. What a row costs depends on the machine:\n"
      "`rectify activations --cost` measures it.\n\n"
      "![All of the family](family.svg)\n\n";
  text += overview();
  for (const Row& row : activation::family()) text += "\n" + section(row);
  return text;
}

std::vector<PageFile> activation_page() {
  const std::vector<Plot> plots = family_plots();
  std::vector<PageFile> files = {
      {"README.md", activation_readme()},
      {"family.svg", draw_grid(plots, "The activation family", PictureFormat::svg)}};
  for (const Plot& plot : plots)
    files.push_back({plot.title + ".svg", draw(plot, PictureFormat::svg)});
  return files;
}

}  // namespace rectify::report
