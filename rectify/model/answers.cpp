#include "rectify/model/answers.h"

#include "rectify/graph/loss.h"
#include "rectify/model/errors.h"

namespace rectify::model {

namespace {

/// A data set of the samples alone. The evaluator's plan computes the loss too, of the labels that
/// are put there; nobody reads it.
data::Dataset bare_dataset(const Model& model) {
  const graph::Node& input = model.graph.node(model.graph.find("input"));
  const Shape& answer = model.graph.node(model.graph.result).type.shape;
  data::Dataset dataset;
  dataset.spec = "its metadata";
  dataset.sample_shape = input.type.shape;
  dataset.class_names = model.class_names;
  if (model.class_names.empty())
    dataset.target_width = answer.size();
  else
    dataset.label_width = graph::rows_of(answer).size();
  return dataset;
}

data::Split with_targets(const data::Split& split, const data::Dataset& dataset) {
  data::Split filled{.count = split.count, .bytes = split.bytes, .values = split.values};
  data::check(dataset, filled, "the given split");
  if (dataset.classes() > 0)
    filled.labels.assign(split.count * static_cast<std::size_t>(dataset.label_width), 0);
  else
    filled.targets.assign(split.count * static_cast<std::size_t>(dataset.target_width), 0.0f);
  return filled;
}

}  // namespace

Answers answer(Model& model, const data::Split& split, std::span<const std::uint32_t> samples,
               const Views& views, ThreadPool& threads, run::WeightPrecision weights) {
  const data::Dataset dataset = bare_dataset(model);
  const bool bare = dataset.classes() > 0 ? split.labels.empty() : split.targets.empty();
  Evaluator evaluator(model.graph, model.layout, model.parameters.data(), model.loss, dataset,
                      threads);
  evaluator.average_over(views);
  evaluator.keep_weights_as(weights);
  Answers answers{.count = samples.size()};
  answers.outputs = evaluator.outputs_of(model.graph.node(model.graph.result).label,
                                         bare ? with_targets(split, dataset) : split, samples,
                                         model.normalisation);
  data::to_targets(answers.outputs, model.normalisation.targets);
  answers.width = samples.empty() ? 0 : answers.outputs.size() / samples.size();
  for (std::size_t i = 0; i < answers.count; ++i)
    answers.classes.push_back(
        model.class_names.empty() ? -1 : predicted_class(answers.of(i), model.loss));
  return answers;
}

}  // namespace rectify::model
