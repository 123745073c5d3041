#include "rectify/train/option_table.h"

#include <cmath>

#include "rectify/base/enumeration.h"
#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/data/images/augment.h"
#include "rectify/graph/initialisers.h"
#include "rectify/graph/loss.h"
#include "rectify/train/class_weights.h"
#include "rectify/train/optimise/optimiser.h"

namespace rectify::train {

namespace {

using enum Group;

constexpr Range from(double low) { return {.low = low, .high = INFINITY}; }
constexpr Range usual_or(double low, double high) {
  return {.low = low, .high = high, .or_usual = true};
}

std::vector<std::string> losses() {
  std::vector<std::string> names = graph::loss_names();
  names.insert(names.begin(), "auto");
  return names;
}

std::vector<std::string> initialisers() {
  return {graph::initialiser_names.begin(), graph::initialiser_names.end()};
}

void check_numbers(const char* flag, const std::vector<std::pair<std::string, double>>& numbers,
                   double high) {
  for (const auto& [label, number] : numbers)
    if (!(number >= 0 && number <= high))
      fail(flag, " ", label, " must be between 0 and ", number_text(high), ", not ",
           number_text(number));
}

void check_by_label(const char* flag, const std::string& text, double high) {
  check_numbers(flag, parse_by_label(flag, text), high);
}

void check_decays(const std::string& text) { check_by_label("decay-of", text, 1); }
void check_factors(const std::string& text) { check_by_label("rate-of", text, 1000); }
void check_class_weights(const std::string& text) {
  if (text != "none" && text != "balanced")
    check_numbers("class-weights", parse_weights(text), 1000);
}
void check_augment(const std::string& text) { data::parse_augment(text); }

// The defaults are those of a default-constructed Options. What concerns two options at once is in
// check(const Options&).
constexpr Option table[] = {
    {"data", "data", task, &Options::data, Text{"SPEC", "glyphs, mnist:DIR, ..."},
     "The data (docs/data.md)"},
    {"model", "model", task, &Options::model, Text{"NETWORK", "784 : dense 1000 | relu | dense 10"},
     "The network, as text or by its name in `rectify models`"},
    {"loss", "loss", task, &Options::loss, Names{"LOSS", losses},
     "What is minimised; auto goes by the data: a cross-entropy for classes, else the squared "
     "error"},
    {"seed", "seed", start, &Options::seed, from(0),
     "Of initial weights, order of the samples, dropout and all other chance"},
    {"epochs", "epochs", steps, &Options::epochs, Range{1, 100000}, "Epochs at most"},
    {"batch", "batch", steps, &Options::batch, Range{1, 1 << 20}, "Samples a batch"},
    {"lr", "learning rate", optimizer, &Options::lr,
     Range{.low = 0, .high = 1e38, .above_low = true, .word = "RATE"}, "Peak learning rate"},
    {"optimizer", "optimizer", optimizer, &Options::optimizer, Names{"OPTIMIZER", optimiser_names},
     "How a gradient changes the weights; train takes adamw where you choose neither this nor a "
     "rate"},
    {"momentum", "momentum", optimizer, &Options::momentum, usual_or(0, 0.9999),
     "Of momentum, nesterov, rmsprop, muon; -1: the optimizer's usual"},
    {"beta1", "beta1", optimizer, &Options::beta1, Range{0, 0.9999999},
     "Of adam, adamw, lion, muon: decay of the mean gradient"},
    {"beta2", "beta2", optimizer, &Options::beta2, usual_or(0, 0.9999999),
     "Of adam, adamw, lion, muon, rmsprop: decay of the mean square; -1: the optimizer's usual"},
    {"epsilon", "epsilon", optimizer, &Options::epsilon, Range{1e-20, 1},
     "Of adam, adamw, adagrad, rmsprop, muon: added to what a gradient is divided by"},
    {"weight_decay", "weight decay", regularisation, &Options::weight_decay, Range{0, 1},
     "Decay of weights, not of biases"},
    {"decay_of", "weight decay by label", regularisation, &Options::decay_of,
     Text{"LIST", "LABEL=X,... with X from 0 to 1", check_decays},
     "Another decay for some layers or parameters: dense3=0,dense1.bias=0.01"},
    {"rate_of", "rate by label", optimizer, &Options::rate_of,
     Text{"LIST", "LABEL=X,... with X from 0 to 1000", check_factors},
     "Factors on the rate for some layers or parameters: conv1=0,dense2=0.1; 0 leaves weights as "
     "they are"},
    {"schedule", "schedule", schedule, &Options::schedule, Names{"SCHEDULE", all_names<Schedule>},
     "How the rate goes on after the warm-up"},
    {"warmup", "warm-up epochs", schedule, &Options::warmup, usual_or(0, 100000),
     "Epochs of linear rise before the schedule, at most --epochs; -1: an eighth of all, at most "
     "one. Of one_cycle: epochs of its rise; -1: 0.3 of all"},
    {"step_every", "epochs between falls", schedule, &Options::step_every, Range{1, 100000},
     "Of step: epochs between falls of the rate"},
    {"step_factor", "factor of a fall", schedule, &Options::step_factor, Range{0, 1},
     "Of step and plateau: factor on the rate at a fall"},
    {"restart_every", "first period", schedule, &Options::restart_every, Range{0.1, 100000},
     "Of cosine_restarts: epochs of the first period"},
    {"restart_factor", "growth of the period", schedule, &Options::restart_factor, Range{1, 1000},
     "Of cosine_restarts: how many times longer each period is than the one before"},
    {"cycle_div", "peak over first rate", schedule, &Options::cycle_div, Range{1, 1e12},
     "Of one_cycle: the peak rate over the first"},
    {"cycle_final_div", "first over last rate", schedule, &Options::cycle_final_div, Range{1, 1e12},
     "Of one_cycle: the first rate over the last"},
    {"plateau_patience", "patience of plateau", schedule, &Options::plateau_patience,
     Range{1, 100000}, "Of plateau: epochs without a better one before the rate falls"},
    {"l1", "L1 on activations", regularisation, &Options::l1, Range{0, 1e6},
     "Penalty on activations: times the mean absolute output of each layer, added to the loss"},
    {"max_norm", "max-norm", regularisation, &Options::max_norm, Range{0, 1e6},
     "Largest norm of a unit's incoming weights; 0: no limit"},
    {"clip_norm", "gradient clipping", optimizer, &Options::clip_norm, Range{0, 1e30},
     "Largest norm of the whole gradient; 0: no limit"},
    {"label_smoothing", "label smoothing", regularisation, &Options::label_smoothing, Range{0, 0.9},
     "Share of each target that goes to all classes equally"},
    {"mixup", "mixup", regularisation, &Options::mixup, Range{0, 1000},
     "Mixes each sample with another, by shares from Beta(X, X); 0: off"},
    {"augment", "augmentation", regularisation, &Options::augment,
     Text{"LIST", "crop N, flip or alternating_flip, cutout N", check_augment},
     "Varies training images"},
    {"ema", "moving average", regularisation, &Options::ema, Range{0, 0.9999999},
     "Decay of a moving average of the weights, of about the last ninth of all steps at most, "
     "which is evaluated and saved in their place; 0: none"},
    {"accumulate", "batches a step", steps, &Options::accumulate, Range{1, 1 << 20},
     "Batches a step, whose gradients are added up"},
    {"validation", "validation share", validation, &Options::validation, Range{0, 0.9},
     "Share of the training split held out, the same of every class"},
    {"split_seed", "split seed", validation, &Options::split_seed, from(0),
     "Which samples are held out"},
    {"patience", "early stopping patience", validation, &Options::patience, Range{0, 100000},
     "Stops after so many epochs without a better one; 0: never"},
    {"precision", "precision", steps, &Options::precision, Names{"PRECISION", all_names<Precision>},
     "Of products, and of values between convolutions; sums are fp32 in either"},
    {"sparse", "products without zeros", steps, &Options::sparse,
     Names{"SPARSE", all_names<Sparse>},
     "Whether products leave zeros out where that is faster; sums are then in another order", true},
    {"init", "initialisation", start, &Options::init, Names{"INIT", initialisers},
     "Initialiser where the model's text says none; of train also the folder of a pretraining, to "
     "start from its layers"},
    {"weights", "weights to start from", start, &Options::weights,
     Text{"FILE", ".safetensors, .npz or .onnx"},
     "Starts from tensors of the parameters' names; train also scales samples as they know them"},
    {"normalise", "normalisation", task, &Options::normalise,
     Names{"NORMALISER", all_names<data::Normaliser>},
     "What each column or channel is scaled to: mean 0 and deviation 1, the range 0 to 1, or "
     "nothing; features: as standard, and each feature of arrays by itself",
     true},
    {"class_weights", "class weights", regularisation, &Options::class_weights,
     Text{"LIST", "none, balanced, or CLASS=X,... with X from 0 to 1000", check_class_weights},
     "Factors on the loss of a class' samples, 1 where none is named; balanced: each class counts "
     "the same in all. The best epoch is chosen by them too",
     true},
    {"certify", "certified change", regularisation, &Options::certify, Range{0, 1e6},
     "Trains for proofs that no answer changes when each number of a sample changes by that much, "
     "of images a share of the range; 0: off",
     true},
    {"certify_weight", "weight of certificates", regularisation, &Options::certify_weight,
     Range{0, 1e6},
     "Of certify: the weight of the worst margins' loss in the end, beside 1 of the usual loss",
     true},
    {"certify_stretch", "stretch of certificates", regularisation, &Options::certify_stretch,
     Range{1, 100}, "Of certify: trains for a change so many times as large as is measured", true},
    {"certify_share", "share of the box", regularisation, &Options::certify_share, Range{0.01, 1},
     "Of certify: bounds only a box so many times as wide, around a bad input of the whole one; "
     "for "
     "networks that rectify verify proves",
     true},
    {"certify_warmup", "epochs before certificates", regularisation, &Options::certify_warmup,
     usual_or(0, 100000), "Of certify: epochs of usual training first; -1: a twentieth of all",
     true},
    {"certify_ramp", "rise of certificates", regularisation, &Options::certify_ramp,
     usual_or(0, 100000), "Of certify: epochs in which change and weight rise; -1: half of all",
     true},
};

}  // namespace

std::span<const Option> option_table() { return table; }

const Option& find_option(std::string_view name) {
  for (const Option& option : table)
    if (option.name == name) return option;
  fail("there is no option '", name, "'");
}

std::vector<const Option*> options_of(Group group) {
  std::vector<const Option*> found;
  for (const Option& option : table)
    if (option.group == group) found.push_back(&option);
  return found;
}

}  // namespace rectify::train
