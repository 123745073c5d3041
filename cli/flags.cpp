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

void declare_schedule(CLI::App& app, train::Options& o) {
  app.add_option("--schedule", o.schedule, joined(train::schedule_names()))->type_name("SCHEDULE");
  app.add_option("--warmup", o.warmup,
                 "Epochs of linear rise of the rate; -1: an eighth of all, at most one. Of "
                 "one_cycle: of its rise; -1: 0.3 of all");
  app.add_option("--step-every", o.step_every, "Epochs between falls of the step schedule");
  app.add_option("--step-factor", o.step_factor, "Factor of a fall of step and plateau");
  app.add_option("--restart-every", o.restart_every,
                 "Epochs of the first period of cosine_restarts");
  app.add_option("--restart-factor", o.restart_factor,
                 "Of cosine_restarts: how much longer each period is than the one before");
  app.add_option("--cycle-div", o.cycle_div, "Of one_cycle: the peak rate over the first");
  app.add_option("--cycle-final-div", o.cycle_final_div,
                 "Of one_cycle: the first rate over the last");
  app.add_option("--plateau-patience", o.plateau_patience,
                 "Epochs without a better one before plateau falls");
}

}  // namespace

void declare_out(CLI::App& app, CommonFlags& flags, const std::string& initial) {
  flags.out = initial;
  app.add_option("--out", flags.out, "Folder for the results")
      ->type_name("DIR")
      ->configurable(false);
  app.add_flag("--force", flags.force, "Start again in a folder that is not empty")
      ->configurable(false);
}

void declare_threads(CLI::App& app, CommonFlags& flags) {
  app.add_option("--threads", flags.threads,
                 "Threads; 0 is one for each processor (results do not depend on it)")
      ->configurable(false);
}

void declare_training(CLI::App& app, TrainingFlags& flags, const std::string& initial_lr) {
  train::Options& o = flags.options;
  flags.lr = initial_lr;
  app.add_option("--config", "A config.toml of an earlier run; flags typed beside it win")
      ->type_name("FILE")
      ->configurable(false);
  app.add_option("--data", o.data, "Data SPEC: glyphs, mnist:DIR, ... (docs/data.md)")
      ->type_name("SPEC");
  app.add_option("--epochs", o.epochs, "Epochs at most");
  app.add_option("--batch", o.batch, "Samples a step");
  app.add_option("--lr", flags.lr, "Learning rate, or auto: search on validation")
      ->type_name("RATE")
      ->check([](const std::string& text) {
        const bool known = text == "auto" || text == "usual" || parse_number(text).has_value();
        return known ? std::string() : "'" + text + "' is neither a number nor auto";
      });
  app.add_option("--optimizer", o.optimizer, joined(train::optimiser_names()))
      ->type_name("OPTIMIZER");
  app.add_option("--momentum", o.momentum,
                 "Of momentum, nesterov, rmsprop, muon; -1: the optimizer's usual");
  app.add_option("--beta1", o.beta1, "Of adam, adamw, lion, muon");
  app.add_option("--beta2", o.beta2,
                 "Of adam, adamw, lion, muon, rmsprop; -1: the optimizer's usual");
  app.add_option("--epsilon", o.epsilon, "Of adam, adamw, adagrad, rmsprop, muon");
  declare_schedule(app, o);
  app.add_option("--weight-decay", o.weight_decay, "On weights, not on biases");
  app.add_option("--decay-of", o.decay_of, "Other decays by label: dense3=0,dense1.bias=0.01")
      ->type_name("LIST");
  app.add_option("--rate-of", o.rate_of,
                 "Factors on the rate by label: conv1=0,dense2=0.1; 0 leaves weights as they are")
      ->type_name("LIST");
  app.add_option("--l1", o.l1, "On activations: times their mean absolute value, each layer");
  app.add_option("--max-norm", o.max_norm, "Largest norm of a unit's incoming weights; 0 is none");
  app.add_option("--clip-norm", o.clip_norm, "Largest norm of the gradient; 0 is none");
  app.add_option("--label-smoothing", o.label_smoothing,
                 "Share of each target that goes to all classes equally");
  app.add_option("--augment", o.augment,
                 "Varies images: crop 4, flip or alternating_flip, cutout 8")
      ->type_name("LIST");
  app.add_option("--mixup", o.mixup, "Mixes samples, by shares of Beta(X, X); 0 is none");
  app.add_option("--ema", o.ema,
                 "Decay of a moving average of the weights, which is evaluated and saved in their "
                 "place; 0 is none");
  app.add_option("--accumulate", o.accumulate, "Batches a step");
  app.add_option("--validation", o.validation, "Share of the training split held out");
  app.add_option("--split-seed", o.split_seed, "Which samples are held out")
      ->type_name("UINT")
      ->check(check_seed);
  app.add_option("--patience", o.patience,
                 "Stop after that many epochs without a better one; 0: never");
  app.add_option("--precision", o.precision,
                 "Of products, and values between convolutions: fp32, or bf16 with sums in fp32")
      ->type_name("PRECISION");
  app.add_option("--init", o.init, "Initialiser where the model says none: auto, he_normal, ...")
      ->type_name("INIT");
  app.add_option("--loss", o.loss, "auto, " + joined(graph::loss_names()))->type_name("LOSS");
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

void declare_network(CLI::App& app, NetworkFlags& flags, const std::string& more) {
  app.add_option("--model", flags.model,
                 "The network as text, '784 : dense 1000 | relu | dense 10', or its name in "
                 "`rectify models`" +
                     more)
      ->type_name("NETWORK");
  app.add_option("--hidden", flags.hidden, "Without --model: widths of the hidden layers")
      ->type_name("WIDTHS");
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

std::string config_of(const CLI::App& app) {
  std::string text = "# rectify " + app.get_name() + " --config config.toml repeats this run\n";
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_lnames().empty() ? "" : option->get_lnames()[0];
    if (!option->get_configurable() || name.empty() || name == "help") continue;
    std::string value;
    for (const std::string& part : option->results()) value += (value.empty() ? "" : ",") + part;
    if (option->count() == 0) value = option->get_default_str();
    if (value.empty()) continue;
    const bool number = parse_number(value).has_value();
    text += name + " = " + (number ? value : "'" + value + "'") + "\n";
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
