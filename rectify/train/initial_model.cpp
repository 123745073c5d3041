#include "rectify/train/initial_model.h"

#include "rectify/model/loss.h"
#include "rectify/train/fit.h"
#include "rectify/train/initialise.h"
#include "rectify/train/whitening.h"

namespace rectify::train {

model::Model initial_model(const Options& options, const data::Dataset& dataset,
                           std::span<const std::uint32_t> rows, ThreadPool& threads) {
  model::Model model(options.model);
  model.loss = model::resolve_loss(model.graph, dataset, options.loss);
  check_fit(options, model, dataset, model.loss);
  model.class_names = dataset.class_names;
  model.columns = dataset.columns;
  model.table = dataset.table;
  if (dataset.sample_shape.rank() == 3 && model::sample_shape(model).rank() == 1)
    model.picture = dataset.sample_shape;
  model.normalisation = data::normalisation_of(dataset, rows, threads, options.normalise);
  initialise(model.graph, model.layout, options.seed, options.init, threads,
             model.parameters.data());
  whiten(model, dataset, rows, options.init, threads);
  return model;
}

Supervision supervision_of(const Options& options, const model::Model& model,
                           const data::Dataset& dataset) {
  return {.loss = model.loss,
          .class_targets = dataset.classes() > 0 && options.mixup == 0,
          .weighted = options.class_weights != "none",
          .label_smoothing = options.label_smoothing,
          .l1 = options.l1};
}

}  // namespace rectify::train
