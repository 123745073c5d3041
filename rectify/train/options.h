#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rectify/data/dataset.h"

namespace rectify::train {

/// How the learning rate goes on after the warm-up; rate_at() has the equations.
enum class Schedule { constant, step, cosine, cosine_restarts, one_cycle, plateau };
constexpr std::array<std::string_view, 6> names_of(Schedule) {
  return {"constant", "step", "cosine", "cosine_restarts", "one_cycle", "plateau"};
}

/// What the factors of products, and the values between convolutions, are rounded to. All else is
/// fp32.
enum class Precision { fp32, bf16 };
constexpr std::array<std::string_view, 2> names_of(Precision) { return {"fp32", "bf16"}; }

/// Whether products leave out the zeros that rectifiers make, where that is faster.
enum class Sparse { automatic, off };
constexpr std::array<std::string_view, 2> names_of(Sparse) { return {"auto", "off"}; }

/// Everything that decides what a training run computes; with the data, enough to repeat it to the
/// bit. (The number of threads is not here: it changes nothing.) What each option may be and what
/// it means for a person stands in option_table.cpp; a new one needs a row there.
///
/// The optimiser, the loss and the initialiser are names, checked against the tables that they are
/// looked up in: an enumeration here would be a second list of the rows of sweep.kernel.cpp, of the
/// operators and of the initialisers, to be kept in step with the first.
struct Options {
  std::string data = "glyphs";  ///< data SPEC
  std::string model;            ///< text form; to Trainer also a name, such as lenet5
  std::string loss = "auto";    ///< auto: softmax_cross_entropy for classes (sigmoid_cross_entropy
                                ///< for one output and two classes), else mean_squared_error
  std::uint64_t seed = 1;
  int epochs = 20;  ///< at most; [1, 100000]
  int batch = 128;
  double lr = 0.2;  ///< peak learning rate
  std::string optimizer = "nesterov";
  double momentum = -1;        ///< of momentum, nesterov, rmsprop, muon; -1: the optimiser's usual
  double beta1 = 0.9;          ///< of adam, adamw, lion, muon
  double beta2 = -1;           ///< of those and rmsprop; -1: the optimiser's usual
  double epsilon = 1e-8;       ///< of adam, adamw, adagrad, rmsprop, muon
  double weight_decay = 5e-4;  ///< on weights, not on biases
  std::string decay_of;        ///< other decays by label: "dense3=0,dense1.bias=0.01"
  std::string rate_of;         ///< factors on the rate by label: "conv1=0,dense2=0.1"
  Schedule schedule = Schedule::cosine;
  double warmup = -1;         ///< epochs of linear rise before the schedule; -1: an eighth of all
                              ///< epochs, at most one
  int step_every = 10;        ///< epochs between falls of the step schedule
  double step_factor = 0.1;   ///< of a fall of step and plateau
  double restart_every = 5;   ///< epochs of the first period of cosine_restarts
  double restart_factor = 2;  ///< from one of its periods to the next
  double cycle_div = 25;      ///< one_cycle: the peak over the first rate,
  double cycle_final_div = 1e4;  ///< and the first over the last
  int plateau_patience = 3;      ///< epochs without a better one before plateau falls
  double l1 = 0;                 ///< on activations: factor on each layer's mean absolute output
  double max_norm = 0;           ///< largest L2 norm of a unit's incoming weights; 0: no limit
  double clip_norm = 0;          ///< largest L2 norm of the whole gradient; 0: no limit
  double label_smoothing = 0;    ///< share of each target that goes to all classes equally
  double mixup = 0;         ///< alpha of the Beta distribution that samples are mixed by; 0: off
  std::string augment;      ///< how images are varied: "crop 4, flip, cutout 8"
  double ema = 0;           ///< decay of the moving average of the weights; 0: none
  int accumulate = 1;       ///< batches a step
  double validation = 0.1;  ///< share of the training split held out
  std::uint64_t split_seed = 0;
  int patience = 0;  ///< stop after that many epochs without a better one; 0: never
  Precision precision = Precision::fp32;
  Sparse sparse = Sparse::automatic;
  std::string init = "auto";  ///< replaces `auto` in the model's layers
  std::string weights;        ///< file of tensors to start from, by label; empty: none
  data::Normaliser normalise = data::Normaliser::standard;  ///< what samples are scaled to
  /// Factors on the loss by class: "none", "balanced", or "cat=2,dog=0.5" (class_weights.h).
  std::string class_weights = "none";
  double certify = 0;          ///< how far samples may be changed; 0: not trained for
  double certify_weight = 1;   ///< of the worst margins' loss in the end, beside 1 of the usual one
  double certify_stretch = 1;  ///< trains at so many times certify
  double certify_share = 1;    ///< of the box that is bounded, around a bad input (Mueller et al.)
  double certify_warmup = -1;  ///< epochs without it; -1: a twentieth of all
  double certify_ramp = -1;    ///< epochs in which it rises; -1: half of all

  bool operator==(const Options&) const = default;
};

/// Throws Error naming the first option that makes no sense, with what it may be and what it is.
void check(const Options& options);

/// What decay_of or rate_of says, in its order. Throws Error, which names the flag, for what is no
/// list of LABEL=NUMBER, and shows `example`.
std::vector<std::pair<std::string, double>> parse_by_label(
    const char* flag, const std::string& text, const char* example = "dense3=0,dense1.bias=0.01");

/// The options as one JSON object, and back. Throws Error for unknown keys and wrong kinds.
std::string to_json(const Options& options);
Options options_from_json(const std::string& text);

}  // namespace rectify::train
