#include "rectify/data/toys/collection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "rectify/data/toys/studio.h"

namespace rectify::data {
namespace {

TEST(TurnBy, IsTheCosineAndTheSine) {
  for (double degrees = -725; degrees < 725; degrees += 2.5) {
    const Turn turn = turn_by(degrees);
    EXPECT_NEAR(turn.cosine, std::cos(degrees * std::numbers::pi / 180), 1e-12) << degrees;
    EXPECT_NEAR(turn.sine, std::sin(degrees * std::numbers::pi / 180), 1e-12) << degrees;
  }
}

TEST(Solids, ReachAsFarAsTheirShapesDo) {
  EXPECT_NEAR(reach(ball({1, 2, 3}, {.1, .2, .3}), {0, 1, 0}), .2, 1e-12);
  EXPECT_NEAR(reach(block({}, {.1, .2, .3}), unit({1, 1, 0})), .3 / std::sqrt(2.0), 1e-12);
  EXPECT_NEAR(reach(rod({0, 0, -1}, {0, 0, 1}, .5), {1, 0, 0}), .5, 1e-12);
  EXPECT_NEAR(reach(rod({0, 0, -1}, {0, 0, 1}, .5), unit({1, 0, 1})), 1.5 / std::sqrt(2.0), 1e-12);
  // A quarter turn around x takes y to z.
  EXPECT_NEAR(reach(turned(block({}, {.1, .2, .3}), 0, 90), {0, 0, 1}), .2, 1e-12);
}

/// The rays that meet the toy, of 48x48.
ToyView seen(const Toy& toy, Pose pose) {
  const CastModel model = prepare(toy);
  Studio studio;
  ToyView view;
  studio.place(model, pose);
  studio.shoot(0, 48, view);
  return view;
}

TEST(ToyCollection, FillsTheFrameWithoutTouchingItsBorder) {
  for (const Category& category : toy_collection())
    for (const Toy& toy : category)
      for (const double azimuth : {0.0, 100.0, 260.0})
        for (const double elevation : {30.0, 70.0}) {
          Pose pose;
          pose.azimuth = azimuth;
          pose.elevation = elevation;
          // As far aside as jitter moves a toy.
          pose.right = 6 / 48.0;
          const ToyView view = seen(toy, pose);
          std::size_t covered = 0;
          for (std::size_t i = 0; i < view.tone.size(); ++i) {
            if (view.tone[i] == ToyView::clear) continue;
            ++covered;
            const std::size_t x = i % 48, y = i / 48;
            EXPECT_TRUE(x > 0 && x < 47 && y > 0 && y < 47) << x << " " << y;
          }
          EXPECT_GT(covered, 48u * 48 / 30);
          EXPECT_LT(covered, 48u * 48 / 2);
        }
}

TEST(ToyCollection, HasNoToyTwice) {
  std::vector<std::vector<float>> pictures;
  for (const Category& category : toy_collection())
    for (const Toy& toy : category) {
      pictures.emplace_back();
      for (const double azimuth : {30.0, 90.0, 240.0}) {
        Pose pose;
        pose.azimuth = azimuth;
        const std::vector<float> tones = seen(toy, pose).tone;
        pictures.back().insert(pictures.back().end(), tones.begin(), tones.end());
      }
    }
  for (std::size_t i = 0; i < pictures.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      std::size_t differ = 0;
      for (std::size_t k = 0; k < pictures[i].size(); ++k)
        differ += std::abs(pictures[i][k] - pictures[j][k]) > .1f;
      EXPECT_GT(differ, 200u) << i << " and " << j;  // of about 2,000 that see a toy
    }
}

TEST(ToyCollection, StandsOnItsGround) {
  for (const Category& category : toy_collection())
    for (const Toy& toy : category) {
      double lowest = 1;
      for (const Solid& solid : toy.solids)
        lowest = std::min(lowest, solid.centre.z - reach(solid, {0, 0, 1}));
      // A narrowing solid reaches less far than its widest part says.
      EXPECT_NEAR(lowest, toy.ground, .1);
      EXPECT_LE(lowest, toy.ground + 1e-9);
    }
}

TEST(Studio, LightsABallFromWhereTheLightStands) {
  Toy toy;
  toy.add(ball({}, {.9, .9, .9}));
  toy.ground = -.9;
  const auto halves = [&](int light) {
    Pose pose;
    pose.light = light;
    const ToyView view = seen(toy, pose);
    double left = 0, right = 0;
    for (std::size_t i = 0; i < view.tone.size(); ++i)
      if (view.tone[i] != ToyView::clear) (i % 48 < 24 ? left : right) += view.tone[i];
    return std::pair(left, right);
  };
  const auto [left, right] = halves(0);
  EXPECT_GT(left, 1.3 * right);  // the first light stands on the left
  const auto [mirrored_left, mirrored_right] = halves(1);
  EXPECT_NEAR(mirrored_right, left, .02 * left);
  EXPECT_NEAR(mirrored_left, right, .02 * right);
}

TEST(Studio, CastsAShadowAwayFromTheLight) {
  Toy toy;
  toy.add(ball({}, {.5, .5, .5}));
  toy.ground = -.5;
  for (const int light : {0, 1}) {
    Pose pose;
    pose.light = light;
    const ToyView view = seen(toy, pose);
    double left = 0, right = 0;
    for (std::size_t i = 0; i < view.lit.size(); ++i)
      if (view.tone[i] == ToyView::clear) (i % 48 < 24 ? left : right) += 1 - view.lit[i];
    const double behind = light == 0 ? right : left, before = light == 0 ? left : right;
    EXPECT_GT(behind, 60);
    EXPECT_LT(before, .3 * behind);
  }
}

TEST(Studio, SeesFromTwoCamerasWhatStandsApart) {
  // A post before and a post behind the middle: they move against each other.
  Toy toy;
  toy.add(rod({.6, 0, 0}, {.6, 0, .3}, .08));
  toy.ground = 0;
  const CastModel model = prepare(toy);
  Studio studio;
  studio.place(model, {});
  const auto middle = [&](double aside) {
    ToyView view;
    studio.shoot(aside, 384, view);
    double sum = 0, count = 0;
    for (std::size_t i = 0; i < view.tone.size(); ++i)
      if (view.tone[i] != ToyView::clear) sum += static_cast<double>(i % 384), ++count;
    return sum / count;
  };
  // Three degrees of the way around move a point 0.6 before the middle by 0.6 sin 3 degrees to the
  // other side; a unit is 0.84 / 2 of the picture's width.
  const double expected = .6 * std::sin(3 * std::numbers::pi / 180) * toy_radius / 2 * 384;
  EXPECT_NEAR(middle(3) - middle(0), -expected, .5);
  EXPECT_NEAR(middle(-3) - middle(0), expected, .5);
}

}  // namespace
}  // namespace rectify::data
