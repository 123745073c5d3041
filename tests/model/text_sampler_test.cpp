#include "rectify/model/text_sampler.h"

#include <gtest/gtest.h>

#include <cmath>

#include "rectify/base/error.h"

namespace rectify::model {
namespace {

/// Of the letters a, b, c: after each the next in the alphabet, `sure` above the others, after c a.
Model alphabet(float sure) {
  Model model("4 : embedding 3 3 | dense 3");
  model.class_names = {"a", "b", "c"};
  float* const rows =
      model.parameters.data() + model.layout.slot_of(model.graph.find("embedding1.weight")).offset;
  float* const weight =
      model.parameters.data() + model.layout.slot_of(model.graph.find("dense1.weight")).offset;
  for (std::size_t i = 0; i < 3; ++i) {
    rows[3 * i + i] = 1;
    weight[3 * i + (i + 1) % 3] = sure;
  }
  return model;
}

std::string drawn(TextSampler& sampler, std::size_t count, const Drawing& how,
                  std::uint64_t seed = 1) {
  std::string text;
  while (text.size() < count) text.push_back(sampler.next(how, Random(seed)));
  return text;
}

TEST(TextSampler, GoesOnPastWhatTheNetworkSees) {
  TextSampler sampler(alphabet(5));
  sampler.read("cabcab");
  EXPECT_EQ(drawn(sampler, 10, {.temperature = 0}), "cabcabcabc");
  TextSampler anew(alphabet(5));  // from a, for there is no new line
  EXPECT_EQ(drawn(anew, 4, {.temperature = 0}), "bcab");
  EXPECT_EQ(drawn(anew, 4, {.temperature = 1, .top = 1}), "cabc");
}

TEST(TextSampler, DrawsEachCharacterAsOftenAsTheNetworkSays) {
  // exp(log 6 / T) to 1 to 1: 6/8 of the draws at T = 1, 36/38 at T = 0.5, half at top 2 and T =
  // inf.
  for (const auto& [how, share] : {std::pair{Drawing{.temperature = 1}, 6.0 / 8},
                                   {{.temperature = 0.5}, 36.0 / 38},
                                   {{.temperature = 1000, .top = 2}, 0.5}}) {
    TextSampler sampler(alphabet(std::log(6.0f)));
    sampler.read("a");
    const std::string text = "a" + drawn(sampler, 4000, how);
    int expected = 0;
    for (std::size_t i = 1; i < text.size(); ++i) expected += text[i] == "bca"[text[i - 1] - 'a'];
    // Four standard deviations of a share of 4000.
    EXPECT_NEAR(expected / 4000.0, share, 4 * std::sqrt(share * (1 - share) / 4000)) << share;
  }
}

TEST(TextSampler, RepeatsItselfWithTheSameSeedOnly) {
  const auto text = [](std::uint64_t seed) {
    TextSampler sampler(alphabet(0));
    return drawn(sampler, 50, {.temperature = 1}, seed);
  };
  EXPECT_EQ(text(3), text(3));
  EXPECT_NE(text(3), text(4));
}

std::string refusal(const auto& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(TextSampler, RefusesATemperatureOutOfRange) {
  TextSampler sampler(alphabet(100));
  const double nan = std::nan("");
  for (const double temperature : {-1.0, 1e-310, 9e-4, 1e4, nan, -nan})
    EXPECT_NE(refusal([&] {
                sampler.next({.temperature = temperature}, Random(1));
              }).find("between 0.001 and 1000"),
              std::string::npos)
        << temperature;
  for (const double temperature : {0.0, 1e-3, 1e3})
    EXPECT_EQ(refusal([&] { sampler.next({.temperature = temperature}, Random(1)); }), "");
}

TEST(TextSampler, RefusesWhatCannotGoOnWithAText) {
  TextSampler sampler(alphabet(1));
  EXPECT_NE(refusal([&] { sampler.read("abd"); }).find("character 3 of the prompt, 'd'"),
            std::string::npos);
  const auto of = [](const std::string& text, std::vector<std::string> names) {
    return refusal([&] {
      Model model(text);
      for (std::size_t i = 0; i < model.parameters.size(); ++i)
        model.parameters.data()[i] = static_cast<float>(i % 7) - 3;
      model.class_names = std::move(names);
      TextSampler made(std::move(model));
    });
  };
  EXPECT_EQ(of("4 : embedding 2 6 | attention 1 causal=yes | dense 2", {"a", "b"}), "");
  EXPECT_NE(of("4 : embedding 2 6 | attention 1 | dense 2", {"a", "b"}).find("causal=yes"),
            std::string::npos);
  EXPECT_NE(of("4 : embedding 2 6 | dense 2", {"a", "cat"}).find("'cat' is no character"),
            std::string::npos);
  EXPECT_NE(of("4 : embedding 2 6 | flatten | dense 2", {"a", "b"}).find("must give 8"),
            std::string::npos);
  EXPECT_NE(of("4 : dense 2", {"a", "b"}).find("text:FILE"), std::string::npos);
  EXPECT_NE(of("4 : embedding 2 6 | dense 2", {}).find("text:FILE"), std::string::npos);
}

}  // namespace
}  // namespace rectify::model
