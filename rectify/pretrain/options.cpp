#include "rectify/pretrain/options.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/train/suit.h"

namespace rectify::pretrain {

Options::Options() {
  train.data = "glyphs";
  train.epochs = 10;
  train.optimizer = "momentum";
  train.weight_decay = 2e-4;
  train.schedule = train::Schedule::constant;
  train.warmup = 0;
  train.normalise = data::Normaliser::range;
}

std::vector<std::string_view> unread_options() {
  return {"model", "loss",       "label_smoothing", "mixup", "augment", "class_weights", "l1",
          "ema",   "accumulate", "patience",        "init",  "weights", "decay_of",      "rate_of"};
}

namespace {

/// What goes by the error on labels, or by what bounds prove of the answers, has nothing to go by.
/// The flags stay, because a config.toml has them all.
void refuse_what_needs_labels(const train::Options& options) {
  if (options.schedule == train::Schedule::plateau)
    fail(
        "--schedule plateau falls by the error on labels, which pretraining does not see; take "
        "constant, step, cosine, cosine_restarts or one_cycle");
  if (options.certify > 0)
    fail(
        "--certify trains for proofs of answers, which layers without labels do not give; give it "
        "to the train that starts from them");
}

}  // namespace

void check(const Options& options) {
  train::check(options.train);
  refuse_what_needs_labels(options.train);
  parse_stack(options.stack);
  if (options.slow_epochs < 0) fail("slow-epochs must be 0 or more, not ", options.slow_epochs);
  if (options.unroll < 0) fail("unroll must be 0 or more epochs, not ", options.unroll);
  if (!(options.unroll_lr > 0)) fail("unroll-lr must be above 0, not ", options.unroll_lr);
}

std::string to_json(const Options& options) {
  return Json{{"train", Json::parse(train::to_json(options.train))},
              {"stack", options.stack},
              {"usual_rate", options.usual_rate},
              {"slow_epochs", options.slow_epochs},
              {"unroll", options.unroll},
              {"unroll_lr", options.unroll_lr}}
      .dump();
}

Options options_from_json(const std::string& text) {
  const Json json = Json::parse(text);
  Options options;
  options.train = train::options_from_json(json.at("train").dump());
  options.stack = json.at("stack").get<std::string>();
  options.usual_rate = json.at("usual_rate").get<bool>();
  options.slow_epochs = json.at("slow_epochs").get<int>();
  if (!json.contains("unroll")) return options;  // saved before there was any
  options.unroll = json.at("unroll").get<int>();
  options.unroll_lr = json.at("unroll_lr").get<double>();
  return options;
}

data::Normaliser suited_normaliser(const std::string& stack, const data::Dataset& dataset) {
  const LayerSpec first = parse_stack(stack).front();
  const graph::Attributes& given = first.attributes;
  if (given.has("visible") && given.word("visible") == "gaussian")
    return train::suited_normaliser(dataset);
  if (given.has("visible") && given.word("visible") == "binary") return data::Normaliser::range;
  const bool shares =
      std::ranges::all_of(dataset.train.values, [](float v) { return v >= 0 && v <= 1; });
  return shares ? data::Normaliser::range : train::suited_normaliser(dataset);
}

train::Options options_of_layer(const Options& options, const LayerSpec& layer, std::size_t number,
                                double usual_rate) {
  train::Options train = options.train;
  train.seed += number;
  const double own_rate = layer.attributes.number("lr");
  if (options.usual_rate) train.lr = usual_rate;
  if (own_rate > 0) train.lr = own_rate;
  const auto epochs = static_cast<int>(layer.attributes.integer("epochs"));
  if (epochs > 0) train.epochs = epochs;
  return train;
}

}  // namespace rectify::pretrain
