#include "rectify/train/options.h"

#include <type_traits>

#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/data/images/augment.h"
#include "rectify/graph/initialisers.h"
#include "rectify/graph/loss.h"
#include "rectify/train/optimise/optimiser.h"
#include "rectify/train/optimise/schedule.h"

namespace rectify::train {

namespace {

/// Calls visit(name, member) for every option: the one list of them.
template <class Options, class Visit>
void each_option(Options& o, const Visit& visit) {
  visit("data", o.data);
  visit("model", o.model);
  visit("loss", o.loss);
  visit("seed", o.seed);
  visit("epochs", o.epochs);
  visit("batch", o.batch);
  visit("lr", o.lr);
  visit("optimizer", o.optimizer);
  visit("momentum", o.momentum);
  visit("beta1", o.beta1);
  visit("beta2", o.beta2);
  visit("epsilon", o.epsilon);
  visit("weight_decay", o.weight_decay);
  visit("decay_of", o.decay_of);
  visit("rate_of", o.rate_of);
  visit("schedule", o.schedule);
  visit("warmup", o.warmup);
  visit("step_every", o.step_every);
  visit("step_factor", o.step_factor);
  visit("restart_every", o.restart_every);
  visit("restart_factor", o.restart_factor);
  visit("cycle_div", o.cycle_div);
  visit("cycle_final_div", o.cycle_final_div);
  visit("plateau_patience", o.plateau_patience);
  visit("l1", o.l1);
  visit("max_norm", o.max_norm);
  visit("clip_norm", o.clip_norm);
  visit("label_smoothing", o.label_smoothing);
  visit("mixup", o.mixup);
  visit("augment", o.augment);
  visit("ema", o.ema);
  visit("accumulate", o.accumulate);
  visit("validation", o.validation);
  visit("split_seed", o.split_seed);
  visit("patience", o.patience);
  visit("precision", o.precision);
  visit("init", o.init);
  visit("weights", o.weights);
}

void in_range(const char* name, double value, double low, double high) {
  if (!(value >= low && value <= high))
    fail(name, " must be between ", number_text(low), " and ", number_text(high), ", not ",
         number_text(value));
}

void one_of(const char* name, const std::string& value, const std::vector<std::string>& known) {
  for (const std::string& candidate : known)
    if (candidate == value) return;
  fail("there is no ", name, " '", value, "'", suggestion(value, known));
}

/// JSON holds UTF-8, and the options must fit into JSON to be saved.
void check_text(const char* name, const std::string& text) {
  try {
    Json(text).dump();
  } catch (const JsonError&) {
    fail(name, " is not valid UTF-8; rename the file or folder that it speaks of");
  }
}

}  // namespace

void check(const Options& o) {
  check_text("--data", o.data);
  check_text("--model", o.model);
  check_text("--augment", o.augment);
  check_text("--weights", o.weights);
  in_range("epochs", o.epochs, 1, 100000);
  in_range("batch", o.batch, 1, 1 << 20);
  if (!(o.lr > 0 && o.lr <= 1e38)) fail("lr must be a positive number, at most 1e38");
  in_range("beta1", o.beta1, 0, 0.9999999);
  one_of("optimizer", o.optimizer, optimiser_names());
  const Options usual = with_usual_numbers(o);
  in_range("momentum", usual.momentum, 0, 0.9999);
  in_range("beta2", usual.beta2, 0, 0.9999999);
  in_range("epsilon", o.epsilon, 1e-20, 1);
  in_range("weight-decay", o.weight_decay, 0, 1);
  for (const auto& [label, decay] : parse_by_label("decay-of", o.decay_of))
    in_range(("decay-of " + label).c_str(), decay, 0, 1);
  for (const auto& [label, factor] : parse_by_label("rate-of", o.rate_of))
    in_range(("rate-of " + label).c_str(), factor, 0, 1000);
  if (o.warmup != -1 && !(o.warmup >= 0 && o.warmup <= o.epochs))
    fail("warmup must be -1 or between 0 and the number of epochs (", o.epochs, "), not ",
         number_text(o.warmup));
  in_range("step-every", o.step_every, 1, 100000);
  in_range("step-factor", o.step_factor, 0, 1);
  in_range("restart-every", o.restart_every, 0.1, 100000);
  in_range("restart-factor", o.restart_factor, 1, 1000);
  in_range("cycle-div", o.cycle_div, 1, 1e12);
  in_range("cycle-final-div", o.cycle_final_div, 1, 1e12);
  in_range("plateau-patience", o.plateau_patience, 1, 100000);
  in_range("l1", o.l1, 0, 1e6);
  in_range("max-norm", o.max_norm, 0, 1e6);
  in_range("clip-norm", o.clip_norm, 0, 1e30);
  in_range("label-smoothing", o.label_smoothing, 0, 0.9);
  in_range("mixup", o.mixup, 0, 1000);
  data::parse_augment(o.augment);
  in_range("ema", o.ema, 0, 0.9999999);
  in_range("accumulate", o.accumulate, 1, 1 << 20);
  in_range("validation", o.validation, 0, 0.9);
  in_range("patience", o.patience, 0, 100000);
  one_of("schedule", o.schedule, schedule_names());
  one_of("precision", o.precision, precision_names());
  one_of("init", o.init, {graph::initialiser_names.begin(), graph::initialiser_names.end()});
  if (o.loss != "auto") one_of("loss", o.loss, graph::loss_names());
}

std::vector<std::pair<std::string, double>> parse_by_label(const char* flag,
                                                           const std::string& text) {
  std::vector<std::pair<std::string, double>> numbers;
  if (trim(text).empty()) return numbers;
  for (const std::string& part : split(text, ',')) {
    const std::size_t equals = part.find('=');
    const auto label = trim(std::string_view(part).substr(0, equals));
    const auto number = equals == std::string::npos
                            ? std::nullopt
                            : parse_number(trim(std::string_view(part).substr(equals + 1)));
    if (label.empty() || !number)
      fail("--", flag, " wants a list such as dense3=0,dense1.bias=0.01, not '", text, "'");
    numbers.emplace_back(label, *number);
  }
  return numbers;
}

std::vector<std::string> precision_names() { return {"fp32", "bf16"}; }

std::string to_json(const Options& options) {
  Json json = Json::object();
  each_option(options, [&](const char* name, const auto& value) { json[name] = value; });
  return json.dump();
}

Options options_from_json(const std::string& text) {
  Options options;
  try {
    Json json = Json::parse(text);
    each_option(options, [&](const char* name, auto& value) {
      value = json.at(name).get<std::remove_reference_t<decltype(value)>>();
      json.erase(name);
    });
    if (!json.empty())
      fail("the saved options have an unknown '", json.members().front().first, "'");
  } catch (const JsonError& error) {
    fail("the saved options cannot be read: ", error.what());
  }
  return options;
}

}  // namespace rectify::train
