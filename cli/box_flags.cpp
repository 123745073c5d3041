#include "cli/box_flags.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/model/file.h"
#include "rectify/train/checkpoint/run_folder.h"
#include "rectify/verify/box.h"

namespace rectify::cli {

namespace {

struct Range {
  double low, high;
};

/// "18:40", or a number alone.
Range parse_range(const std::string& text) {
  const std::vector<std::string> ends = split(text, ':');
  const std::optional<double> low = parse_number(trim(ends.front())),
                              high = parse_number(trim(ends.back()));
  if (ends.size() > 2 || !low || !high)
    fail("--box wants ranges such as 18:40 with commas between, or feature=18:40, not '", text,
         "'");
  if (*low > *high)
    fail("--box has the range ", text, ", whose lower end is above the upper; turn it round");
  return {*low, *high};
}

std::size_t width_of(const model::Model& model) {
  return static_cast<std::size_t>(model.graph.node(model.graph.find("input")).type.shape.size());
}

bool has_names(const std::string& text) { return text.find('=') != std::string::npos; }

/// The ranges of all features, in their order.
verify::Box box_of_ranges(const std::string& text, std::size_t features) {
  const std::vector<std::string> parts = split(text, ',');
  if (parts.size() != 1 && parts.size() != features)
    fail("--box has ", parts.size(), " ranges, but the network takes ", features,
         " numbers; give one range for all, one for each, or some with names: feature=18:40");
  verify::Box box;
  for (std::size_t i = 0; i < features; ++i) {
    const Range range = parse_range(parts[parts.size() == 1 ? 0 : i]);
    box.lower.push_back(range.low), box.upper.push_back(range.high);
  }
  return box;
}

// The last '=' is the one before the range: a feature of a category has one in its name.
void set_named(const std::string& text, const model::Model& model, verify::Box& box) {
  for (const std::string& part : split(text, ',')) {
    const std::size_t at = part.rfind('=');
    if (at == std::string::npos)
      fail("--box has '", part, "' beside ranges with names; give all of them names, or none");
    const std::size_t feature = feature_of(model, std::string(trim(part.substr(0, at))));
    const Range range = parse_range(part.substr(at + 1));
    box.lower[feature] = range.low, box.upper[feature] = range.high;
  }
}

std::size_t number_among(const std::string& what, const std::string& text,
                         const std::vector<std::string>& names, std::size_t count) {
  if (const auto found = std::ranges::find(names, text); found != names.end())
    return static_cast<std::size_t>(found - names.begin());
  const std::optional<std::int64_t> number = parse_integer(text);
  if (number && *number >= 0 && *number < static_cast<std::int64_t>(count))
    return static_cast<std::size_t>(*number);
  if (names.empty() || number)
    fail("there is no ", what, " '", text, "'; there are ", count, ", which are counted from 0");
  fail("there is no ", what, " '", text, "'", suggestion(text, names));
}

std::vector<std::string> output_names(const model::Model& model) {
  const auto outputs = model.graph.node(model.graph.result).type.shape.size();
  if (static_cast<std::int64_t>(model.class_names.size()) == outputs) return model.class_names;
  return {};
}

}  // namespace

Boxed load_boxed(const ModelFlags& flags, const std::string& text, int threads) {
  Boxed boxed;
  std::optional<model::Model> model;
  if (text.empty() || has_names(text)) {
    ThreadPool pool(threads);
    Loaded loaded = load_with_data(flags, pool, Wanted::answers);
    boxed.box = verify::box_of(loaded.dataset), boxed.from = "the range of " + loaded.dataset.spec;
    model = std::move(loaded.model);
    if (!text.empty()) set_named(text, *model, boxed.box), boxed.from += " and --box " + text;
  } else {
    model = model::load_model(train::model_file(flags.model, flags.last), flags.onnx);
    boxed.box = box_of_ranges(text, width_of(*model)), boxed.from = "--box " + text;
  }
  boxed.predictor = std::make_unique<model::Predictor>(std::move(*model));
  return boxed;
}

std::size_t feature_of(const model::Model& model, const std::string& text) {
  return number_among("feature", text, model.columns, width_of(model));
}

std::size_t output_of(const model::Model& model, const std::string& text) {
  const auto outputs =
      static_cast<std::size_t>(model.graph.node(model.graph.result).type.shape.size());
  if (!text.empty()) return number_among("class", text, output_names(model), outputs);
  if (outputs > 1)
    fail("the network has ", outputs, " outputs; say which one by --class, a name or a number");
  return 0;
}

Json box_json(const verify::Box& box) {
  Json ranges = Json::array();
  for (std::size_t i = 0; i < box.lower.size(); ++i)
    ranges.push_back(std::vector<double>{box.lower[i], box.upper[i]});
  return ranges;
}

std::string four_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

// Half a unit in the fourth digit is what rounding may add.
std::string four_digits_down(double value) {
  const std::string text = four_digits(value);
  if (!std::isfinite(value) || parse_number(text).value_or(value) <= value) return text;
  return four_digits(value - 0.5 * std::pow(10, std::floor(std::log10(std::abs(value))) - 3));
}

std::string four_digits_up(double value) {
  const std::string text = four_digits_down(-value);
  return text.front() == '-' ? text.substr(1) : value == 0 ? text : "-" + text;
}

std::string feature_name(const model::Model& model, std::size_t feature) {
  if (feature < model.columns.size()) return model.columns[feature];
  return concat("feature ", feature);
}

std::string output_name(const model::Model& model, std::size_t output) {
  const std::vector<std::string> names = output_names(model);
  if (output < names.size()) return names[output];
  if (!model.table.target.empty() && output == 0) return model.table.target;
  return concat("output ", output);
}

}  // namespace rectify::cli
