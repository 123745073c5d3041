#include "rectify/train/options.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>

#include "rectify/base/json.h"
#include "rectify/train/option_table.h"
#include "tests/train/toy.h"

namespace rectify::train {
namespace {

/// Every option away from its default.
Options unusual() {
  return {.data = "moons:train=10",
          .model = "2 : dense 3 | leaky_relu a=0.1 | dense 2",
          .loss = "hinge",
          .seed = 0xffffffffffffffff,
          .epochs = 7,
          .batch = 3,
          .lr = 0.1 + 0.2,
          .optimizer = "adamw",
          .momentum = 0.8,
          .beta1 = 0.7,
          .beta2 = 0.6,
          .epsilon = 1e-7,
          .weight_decay = 0.25,
          .decay_of = "dense2=0",
          .rate_of = "dense1=0.1",
          .schedule = Schedule::step,
          .warmup = 1.5,
          .step_every = 4,
          .step_factor = 0.3,
          .restart_every = 1.5,
          .restart_factor = 3,
          .cycle_div = 10,
          .cycle_final_div = 20,
          .plateau_patience = 8,
          .l1 = 1e-4,
          .max_norm = 2,
          .clip_norm = 1e-3,
          .label_smoothing = 0.1,
          .mixup = 0.2,
          .augment = "crop 4, flip, cutout 8",
          .ema = 0.99,
          .accumulate = 4,
          .validation = 0.2,
          .split_seed = 9,
          .patience = 5,
          .precision = Precision::bf16,
          .sparse = Sparse::off,
          .init = "orthogonal",
          .weights = "weights.npz",
          .normalise = data::Normaliser::range,
          .class_weights = "balanced",
          .certify = 0.1,
          .certify_weight = 2,
          .certify_stretch = 1.5,
          .certify_share = 0.4,
          .certify_warmup = 3,
          .certify_ramp = 4};
}

TEST(Options, ReadBackFromJson) {
  EXPECT_EQ(options_from_json(to_json(Options{})), Options{});
  EXPECT_EQ(options_from_json(to_json(unusual())), unusual());
}

TEST(Options, AreAllInTheJson) {
  const auto usual = Json::parse(complete_json(Options{}));
  const auto other = Json::parse(to_json(unusual()));
  EXPECT_EQ(usual.size(), 47u) << "give the new option a value in unusual()";
  for (const auto& [name, value] : usual.members()) EXPECT_NE(value, other[name]) << name;
}

// A run is resumed only if its saved options are these texts to the letter.
TEST(Options, AreSavedAsTheSameTextAsInEveryOlderVersion) {
  EXPECT_EQ(
      to_json(Options{}),
      R"({"data":"glyphs","model":"","loss":"auto","seed":1,"epochs":20,"batch":128,"lr":0.2,)"
      R"("optimizer":"nesterov","momentum":-1.0,"beta1":0.9,"beta2":-1.0,"epsilon":1e-08,)"
      R"("weight_decay":0.0005,"decay_of":"","rate_of":"","schedule":"cosine","warmup":-1.0,)"
      R"("step_every":10,"step_factor":0.1,"restart_every":5.0,"restart_factor":2.0,)"
      R"("cycle_div":25.0,"cycle_final_div":10000.0,"plateau_patience":3,"l1":0.0,"max_norm":0.0,)"
      R"("clip_norm":0.0,"label_smoothing":0.0,"mixup":0.0,"augment":"","ema":0.0,"accumulate":1,)"
      R"("validation":0.1,"split_seed":0,"patience":0,"precision":"fp32","init":"auto",)"
      R"("weights":""})");
}

TEST(Options, RefuseJsonThatIsNotTheirs) {
  auto extra = Json::parse(to_json(Options{}));
  extra["colour"] = "red";
  EXPECT_TRUE(contains(error_of([&] { options_from_json(extra.dump()); }), "'colour'"));
  auto missing = Json::parse(to_json(Options{}));
  missing.erase("lr");
  EXPECT_TRUE(contains(error_of([&] { options_from_json(missing.dump()); }), "lr"));
  auto wrong = Json::parse(to_json(Options{}));
  wrong["epochs"] = "many";
  EXPECT_FALSE(error_of([&] { options_from_json(wrong.dump()); }).empty());
  for (const char* number : {"1.5", "4e19", "4294967296", "-99999999999", "99999999999999999999"}) {
    wrong["epochs"] = Json::parse(number);
    const std::string says = error_of([&] { options_from_json(wrong.dump()); });
    EXPECT_TRUE(contains(says, "whole number")) << number << ": " << says;
  }
  for (const auto& [option, given, meant] :
       {std::array{"schedule", "cosin", "cosine"}, std::array{"precision", "bf61", "bf16"}}) {
    auto misspelt = Json::parse(to_json(Options{}));
    misspelt[option] = given;
    const std::string says = error_of([&] { options_from_json(misspelt.dump()); });
    EXPECT_TRUE(contains(says, std::string("there is no ") + option)) << says;
    EXPECT_TRUE(contains(says, std::string("did you mean '") + meant + "'")) << says;
  }
  for (const char* text : {"", "[]", "1", "{", "\xff"})
    EXPECT_FALSE(error_of([&] { options_from_json(text); }).empty()) << text;
}

TEST(Options, CheckNamesTheOneThatMakesNoSense) {
  EXPECT_NO_THROW(check(Options{}));
  EXPECT_NO_THROW(check(unusual()));
  const std::vector<std::pair<std::string, std::function<void(Options&)>>> wrong = {
      {"epochs", [](Options& o) { o.epochs = 0; }},
      {"batch", [](Options& o) { o.batch = 0; }},
      {"lr", [](Options& o) { o.lr = 0; }},
      {"lr", [](Options& o) { o.lr = -1; }},
      {"lr", [](Options& o) { o.lr = std::nan(""); }},
      {"lr", [](Options& o) { o.lr = INFINITY; }},
      {"lr", [](Options& o) { o.lr = 1e300; }},
      {"momentum", [](Options& o) { o.momentum = 1; }},
      {"momentum", [](Options& o) { o.momentum = std::nan(""); }},
      {"beta1", [](Options& o) { o.beta1 = 1; }},
      {"beta2", [](Options& o) { o.beta2 = -0.1; }},
      {"epsilon", [](Options& o) { o.epsilon = 0; }},
      {"weight-decay", [](Options& o) { o.weight_decay = -1; }},
      {"decay-of dense1", [](Options& o) { o.decay_of = "dense1=2"; }},
      {"decay-of", [](Options& o) { o.decay_of = "dense1"; }},
      {"decay-of", [](Options& o) { o.decay_of = "=1"; }},
      {"decay-of", [](Options& o) { o.decay_of = "dense1=0,"; }},
      {"rate-of dense1", [](Options& o) { o.rate_of = "dense1=-1"; }},
      {"rate-of", [](Options& o) { o.rate_of = "dense1"; }},
      {"restart-every", [](Options& o) { o.restart_every = 0; }},
      {"restart-factor", [](Options& o) { o.restart_factor = 0.5; }},
      {"cycle-div", [](Options& o) { o.cycle_div = 0; }},
      {"cycle-final-div", [](Options& o) { o.cycle_final_div = 0; }},
      {"plateau-patience", [](Options& o) { o.plateau_patience = 0; }},
      {"label-smoothing", [](Options& o) { o.label_smoothing = 1; }},
      {"mixup", [](Options& o) { o.mixup = -1; }},
      {"augment", [](Options& o) { o.augment = "flop"; }},
      {"augment", [](Options& o) { o.augment = "crop"; }},
      {"augment", [](Options& o) { o.augment = "flip 2"; }},
      {"augment", [](Options& o) { o.augment = "crop 4,"; }},
      {"ema", [](Options& o) { o.ema = 1; }},
      {"accumulate", [](Options& o) { o.accumulate = 0; }},
      {"warmup", [](Options& o) { o.warmup = o.epochs + 1; }},
      {"step-every", [](Options& o) { o.step_every = 0; }},
      {"step-factor", [](Options& o) { o.step_factor = 2; }},
      {"l1", [](Options& o) { o.l1 = -1; }},
      {"max-norm", [](Options& o) { o.max_norm = -1; }},
      {"clip-norm", [](Options& o) { o.clip_norm = -1; }},
      {"validation", [](Options& o) { o.validation = 1; }},
      {"patience", [](Options& o) { o.patience = -1; }},
      {"did you mean 'adam'", [](Options& o) { o.optimizer = "addam"; }},
      {"did you mean 'he_normal'", [](Options& o) { o.init = "he_norml"; }},
      {"did you mean 'hinge'", [](Options& o) { o.loss = "hing"; }},
      {"loss", [](Options& o) { o.loss = "l1_penalty"; }},
  };
  for (const auto& [part, change] : wrong) {
    Options o;
    change(o);
    const std::string what = error_of([&] { check(o); });
    EXPECT_TRUE(contains(what, part)) << part << ": '" << what << "'";
  }
}

}  // namespace
}  // namespace rectify::train
