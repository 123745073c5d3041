#include "cli/flags.h"

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/loss.h"
#include "rectify/graph/text.h"
#include "rectify/graph/zoo.h"
#include "rectify/train/optimise/optimiser.h"
#include "rectify/train/optimise/schedule.h"

namespace rectify::cli {

namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void declare_schedule(Arguments args, train::Options& o) {
  args.option("--schedule", o.schedule, joined(train::schedule_names())).type_name("SCHEDULE");
  args.option("--warmup", o.warmup,
              "Epochs of linear rise of the rate; -1: an eighth of all, at most one. Of "
              "one_cycle: of its rise; -1: 0.3 of all");
  args.option("--step-every", o.step_every, "Epochs between falls of the step schedule");
  args.option("--step-factor", o.step_factor, "Factor of a fall of step and plateau");
  args.option("--restart-every", o.restart_every, "Epochs of the first period of cosine_restarts");
  args.option("--restart-factor", o.restart_factor,
              "Of cosine_restarts: how much longer each period is than the one before");
  args.option("--cycle-div", o.cycle_div, "Of one_cycle: the peak rate over the first");
  args.option("--cycle-final-div", o.cycle_final_div, "Of one_cycle: the first rate over the last");
  args.option("--plateau-patience", o.plateau_patience,
              "Epochs without a better one before plateau falls");
}

}  // namespace

void declare_out(Arguments args, CommonFlags& flags, const std::string& initial) {
  flags.out = initial;
  args.option("--out", flags.out, "Folder for the results").type_name("DIR").configurable(false);
  args.flag("--force", flags.force, "Start again in a folder that is not empty")
      .configurable(false);
}

void declare_threads(Arguments args, CommonFlags& flags) {
  args.option("--threads", flags.threads,
              "Threads; 0 is one for each processor (results do not depend on it)")
      .configurable(false);
}

void declare_training(Arguments args, TrainingFlags& flags, const std::string& initial_lr) {
  train::Options& o = flags.options;
  flags.lr = initial_lr;
  args.option("--config", "A config.toml of an earlier run; flags typed beside it win")
      .type_name("FILE")
      .configurable(false);
  args.option("--data", o.data, "Data SPEC: glyphs, mnist:DIR, ... (docs/data.md)")
      .type_name("SPEC");
  args.option("--epochs", o.epochs, "Epochs at most");
  args.option("--batch", o.batch, "Samples a step");
  args.option("--lr", flags.lr, "Learning rate, or auto: search on validation")
      .type_name("RATE")
      .check([](const std::string& text) {
        const bool known = text == "auto" || text == "usual" || parse_number(text).has_value();
        return known ? std::string() : "'" + text + "' is neither a number nor auto";
      });
  args.option("--optimizer", o.optimizer, joined(train::optimiser_names())).type_name("OPTIMIZER");
  args.option("--momentum", o.momentum,
              "Of momentum, nesterov, rmsprop, muon; -1: the optimizer's usual");
  args.option("--beta1", o.beta1, "Of adam, adamw, lion, muon");
  args.option("--beta2", o.beta2, "Of adam, adamw, lion, muon, rmsprop; -1: the optimizer's usual");
  args.option("--epsilon", o.epsilon, "Of adam, adamw, adagrad, rmsprop, muon");
  declare_schedule(args, o);
  args.option("--weight-decay", o.weight_decay, "On weights, not on biases");
  args.option("--decay-of", o.decay_of, "Other decays by label: dense3=0,dense1.bias=0.01")
      .type_name("LIST");
  args.option("--rate-of", o.rate_of,
              "Factors on the rate by label: conv1=0,dense2=0.1; 0 leaves weights as they are")
      .type_name("LIST");
  args.option("--l1", o.l1, "On activations: times their mean absolute value, each layer");
  args.option("--max-norm", o.max_norm, "Largest norm of a unit's incoming weights; 0 is none");
  args.option("--clip-norm", o.clip_norm, "Largest norm of the gradient; 0 is none");
  args.option("--label-smoothing", o.label_smoothing,
              "Share of each target that goes to all classes equally");
  args.option("--augment", o.augment, "Varies images: crop 4, flip or alternating_flip, cutout 8")
      .type_name("LIST");
  args.option("--mixup", o.mixup, "Mixes samples, by shares of Beta(X, X); 0 is none");
  args.option("--ema", o.ema,
              "Decay of a moving average of the weights, which is evaluated and saved in their "
              "place; 0 is none");
  args.option("--accumulate", o.accumulate, "Batches a step");
  args.option("--validation", o.validation, "Share of the training split held out");
  args.option("--split-seed", o.split_seed, "Which samples are held out")
      .type_name("UINT")
      .check(check_seed);
  args.option("--patience", o.patience,
              "Stop after that many epochs without a better one; 0: never");
  args.option("--precision", o.precision,
              "Of products, and values between convolutions: fp32, or bf16 with sums in fp32")
      .type_name("PRECISION");
  args.option("--init", o.init, "Initialiser where the model says none: auto, he_normal, ...")
      .type_name("INIT");
  args.option("--loss", o.loss, "auto, " + joined(graph::loss_names())).type_name("LOSS");
}

std::string check_seed(const std::string& text) {
  const auto value = parse_integer(text);
  return value && *value >= 0 ? std::string() : "'" + text + "' is not a whole number from 0 on";
}

bool wants_search(TrainingFlags& flags) {
  if (flags.lr == "auto") return true;
  const auto rate = parse_number(flags.lr);
  if (!rate || *rate <= 0) fail("--lr must be a positive number or auto, not '", flags.lr, "'");
  flags.options.lr = *rate;
  return false;
}

void declare_network(Arguments args, NetworkFlags& flags, const std::string& more) {
  args.option("--model", flags.model,
              "The network as text, '784 : dense 1000 | relu | dense 10', or its name in "
              "`rectify models`" +
                  more)
      .type_name("NETWORK");
  args.option("--hidden", flags.hidden, "Without --model: widths of the hidden layers")
      .type_name("WIDTHS");
}

std::string own_model(const NetworkFlags& flags) {
  if (flags.model.empty()) return {};
  if (flags.hidden != NetworkFlags::usual_hidden)
    fail("--hidden is for networks without --model; leave one of the two out");
  return graph::model_text(graph::parse_model(graph::network_text(flags.model)));
}

std::vector<std::int64_t> parse_widths(const std::string& text) {
  std::vector<std::int64_t> widths;
  for (const std::string& part : split(text, ',')) {
    const auto width = parse_integer(trim(part));
    if (!width || *width < 1 || *width > (1 << 24))
      fail("--hidden wants widths such as 1000,1000, not '", text, "'");
    widths.push_back(*width);
  }
  return widths;
}

std::string config_of(const Arguments& args) {
  std::string text = "# rectify " + args.name() + " --config config.toml repeats this run\n";
  for (const Declared& flag : args.declared()) {
    if (flag.positional || !flag.configurable) continue;
    std::string value;
    for (const std::string& part : flag.typed) value += (value.empty() ? "" : ",") + part;
    if (flag.typed.empty()) value = flag.initial;
    if (value.empty()) continue;
    const bool number = parse_number(value).has_value();
    text += flag.name.substr(2) + " = " + (number ? value : "'" + value + "'") + "\n";
  }
  return text;
}

std::string shell_word(const std::string& text) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=.,:/+@%";
  if (!text.empty() && text.find_first_not_of(plain) == std::string::npos) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace rectify::cli
