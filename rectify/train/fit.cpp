#include "rectify/train/fit.h"

#include "rectify/base/error.h"
#include "rectify/model/perturbation.h"
#include "rectify/train/certify/certified.h"
#include "rectify/train/class_weights.h"
#include "rectify/train/objective.h"
#include "rectify/train/optimise/optimiser.h"
#include "rectify/train/whitening.h"

namespace rectify::train {

void check_fit(const Options& options, const model::Model& model, const data::Dataset& dataset,
               const std::string& loss) {
  weight_decays(options, model.layout);
  rate_factors(options, model.layout);
  check_whitening(model.graph, options.init);
  if (options.label_smoothing > 0 && loss != "softmax_cross_entropy")
    fail("--label-smoothing goes with the loss softmax_cross_entropy, not with ", loss);
  class_weights(options.class_weights, dataset, {});
  if (options.mixup > 0 && options.class_weights != "none")
    fail("--class-weights and --mixup do not go together: a mixed sample has two classes");
  if (options.mixup > 0 && dataset.classes() == 0)
    fail("--mixup mixes classes, but the targets of ", dataset.spec, " are numbers");
  if (options.mixup > 0 && dataset.ids)
    fail("--mixup mixes numbers, but the samples of ", dataset.spec, " are ids");
  if (options.mixup > 0 && loss == "hinge")
    fail(
        "--mixup makes targets between two classes, which the loss hinge does not have; choose "
        "another --loss");
  check_certify(options, loss);
  if (options.certify > 0) {
    model::Perturbation(dataset, options.certify).check_within_range();
    supervised(model.graph, {.loss = loss, .certify = true});  // throws where there are no bounds
  }
}

}  // namespace rectify::train
