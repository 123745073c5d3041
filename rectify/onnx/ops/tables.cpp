// The operators of ai.onnx.ml that scikit-learn's converter writes for tables: scalers and linear
// models. Labels that are texts are not numbers: the scores beside them are the answer.
#include <cmath>

#include "rectify/onnx/general.h"
#include "rectify/onnx/mapping.h"

namespace rectify::onnx::ops {

namespace {

using Extents = std::vector<std::int64_t>;

void read_scaler(GeneralCall& call) {
  View y = call.view(0);
  const std::vector<float> offset = call.numbers("offset"), scale = call.numbers("scale");
  const auto row = [&](const std::vector<float>& v) {
    return call.row_of_numbers(v, {static_cast<std::int64_t>(v.size())});
  };
  if (!offset.empty()) y = call.pairwise("subtract", y, row(offset));
  if (!scale.empty()) y = call.pairwise("multiply", y, row(scale));
  call.give(y);
}

void read_normalizer(GeneralCall& call) {
  const View x = call.view(0);
  if (x.axes.empty()) fail(call.where(), " wants columns");
  const std::string norm = call.word("norm", "MAX");
  const std::size_t axis = x.axes.size() - 1;
  const View size = norm == "MAX" ? call.reduce(x, "max", {axis})
                                  : call.reduce(x, norm == "L1" ? "l1" : "l2", {axis});
  // A row of zeros stays as it is.
  const View none = call.pairwise("equal", size, 0.0);
  call.give(call.pairwise("divide", x, call.pairwise("add", size, none)));
}

void read_imputer(GeneralCall& call) {
  const View x = call.view(0);
  const std::vector<float> values = call.numbers("imputed_value_floats");
  if (values.empty()) call.unmapped("puts in whole numbers; export the table as floats");
  const double missing = call.number("replaced_value_float", 0);
  const View gap =
      std::isnan(missing) ? call.apply(x, "is_nan") : call.pairwise("equal", x, missing);
  call.give(
      call.choose(gap, call.row_of_numbers(values, {static_cast<std::int64_t>(values.size())}), x));
}

void read_binarizer(GeneralCall& call) {
  call.give(call.pairwise("greater", call.view(0), call.number("threshold", 0)));
}

void read_vectorizer(GeneralCall& call) {
  std::vector<View> parts;
  for (int i = 0; i < call.node.input_size(); ++i) parts.push_back(call.view(i));
  if (parts.empty() || parts[0].axes.empty()) fail(call.where(), " wants columns");
  call.give(call.joined(parts, parts[0].axes.size() - 1));
}

/// The probabilities that a ZipMap makes a map of by class.
void read_zip_map(GeneralCall& call) { call.give(call.tensor(0)); }

View transformed(GeneralCall& call, const View& y) {
  const std::string how = call.word("post_transform", "NONE");
  if (how == "LOGISTIC") return call.apply(y, "sigmoid");
  if (how == "SOFTMAX") return call.along("softmax", y, y.axes.size() - 1);
  if (how != "NONE") call.unmapped("ends in ", how, "; NONE, LOGISTIC and SOFTMAX are read");
  return y;
}

/// x times coefficients, outputs x inputs, plus intercepts.
View linear(GeneralCall& call, std::int64_t outputs) {
  const View x = call.view(0);
  const std::vector<float> all = call.numbers("coefficients");
  std::vector<float> bias = call.numbers("intercepts");
  if (x.axes.empty()) fail(call.where(), " wants columns");
  const std::int64_t inputs = extent_of(x.axes.back());
  const auto given = static_cast<std::int64_t>(all.size());
  if (outputs < 1 || outputs > given || given != outputs * inputs)
    fail(call.where(), " has ", all.size(), " coefficients for ", inputs, " inputs and ", outputs,
         " outputs");
  std::vector<float> weight(all.size());
  for (std::int64_t i = 0; i < inputs; ++i)
    for (std::int64_t j = 0; j < outputs; ++j)
      weight[static_cast<std::size_t>(i * outputs + j)] =
          all[static_cast<std::size_t>(j * inputs + i)];
  bias.resize(static_cast<std::size_t>(outputs), 0.0f);
  return call.product(x, std::move(weight), outputs, &bias);
}

void read_regressor(GeneralCall& call) {
  call.give(transformed(call, linear(call, call.integer("targets", 1))));
}

/// Gives the label with the largest score, where labels are numbers.
void give_label(GeneralCall& call, const View& scores) {
  if (!call.gives(0)) return;
  const Extents labels = call.integers("classlabels_ints");
  if (labels.empty())
    call.unmapped("gives labels that are texts; take '", call.node.output(1), "', their scores");
  std::vector<float> numbers(labels.begin(), labels.end());
  View best = call.reduce(scores, "argmax", {scores.axes.size() - 1});
  best.axes.pop_back();
  graph::Attributes attributes;
  attributes.set("axis", std::int64_t{0});
  const auto count = static_cast<std::int64_t>(labels.size());
  const graph::NodeId table = call.reader.laid(call.row_of_numbers(numbers, {count}));
  const graph::NodeId node =
      call.graph().add("gather", {table, call.reader.laid(best)}, attributes, {});
  call.give(call.reader.view_of(node, best.axes.size()), true);
}

void read_classifier(GeneralCall& call) {
  const auto* texts = call.attribute("classlabels_strings");
  const auto classes =
      static_cast<std::int64_t>(texts ? static_cast<std::size_t>(texts->strings_size())
                                      : call.integers("classlabels_ints").size());
  const auto rows = static_cast<std::int64_t>(call.numbers("intercepts").size());
  View scores = linear(call, rows > 0 ? rows : classes);
  if (rows == 1 && classes == 2) {  // one score says both
    const bool logistic = call.word("post_transform", "NONE") == "LOGISTIC";
    const View second = logistic ? call.apply(scores, "sigmoid") : scores;
    const View first = logistic ? call.pairwise("add", call.apply(second, "minus"), 1.0)
                                : call.apply(second, "minus");
    scores = call.joined({first, second}, scores.axes.size() - 1);
    give_label(call, scores);
    if (call.gives(1)) call.give(scores, false, 1);
    return;
  }
  give_label(call, scores);
  if (call.gives(1)) call.give(transformed(call, scores), false, 1);
}

}  // namespace

std::span<const Mapping> tables() {
  static const Mapping all[] = {
      {.onnx = "Scaler", .general = read_scaler},
      {.onnx = "Normalizer", .general = read_normalizer},
      {.onnx = "Imputer", .general = read_imputer},
      {.onnx = "Binarizer", .general = read_binarizer},
      {.onnx = "FeatureVectorizer", .general = read_vectorizer},
      {.onnx = "ZipMap", .general = read_zip_map},
      {.onnx = "LinearRegressor", .general = read_regressor},
      {.onnx = "LinearClassifier", .general = read_classifier},
  };
  return all;
}

}  // namespace rectify::onnx::ops
