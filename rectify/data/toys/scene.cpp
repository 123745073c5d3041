#include "rectify/data/toys/scene.h"

#include <array>
#include <numeric>
#include <span>
#include <utility>

#include "rectify/base/random.h"
#include "rectify/data/splits/shuffle.h"
#include "rectify/data/toys/steps.h"

namespace rectify::data {

namespace {

constexpr std::size_t categories = 5;

/// A whole number from `low` to `high`.
int whole(const Random& random, std::uint64_t index, int low, int high) {
  return low + static_cast<int>(random.below(index, static_cast<std::uint32_t>(high - low + 1)));
}

/// A multiple of 1/64 from `low` to `high`, which are multiples themselves, so that every format
/// keeps it exactly.
double share(const Random& random, std::uint64_t index, int low, int high) {
  return whole(random, index, low, high) / 64.0;
}

}  // namespace

int toy_instance(bool train, std::size_t which) {
  constexpr std::array<std::array<int, 5>, 2> instances = {{{0, 1, 2, 3, 5}, {4, 6, 7, 8, 9}}};
  return instances[train ? 1 : 0][which];
}

std::vector<std::string> toy_class_names(ToyVariant variant) {
  std::vector<std::string> names = {"animal", "human", "airplane", "truck", "car"};
  if (variant == ToyVariant::cluttered) names.emplace_back("nothing");
  return names;
}

ToySplit::ToySplit(ToyVariant variant, bool train, std::uint64_t seed)
    : variant_(variant), train_(train), seed_(seed), order_(categories) {
  for (std::size_t c = 0; c < categories; ++c) {
    order_[c].resize(views);
    std::iota(order_[c].begin(), order_[c].end(), std::uint16_t{0});
    shuffle(std::span(order_[c]),
            toy_random(seed, ToyStep::views, train, static_cast<std::uint32_t>(c)));
  }
}

Scene ToySplit::scene(std::size_t sample) const {
  // In each run of as many samples as there are classes, every class occurs once.
  const std::size_t run = sample / classes(), place = sample % classes();
  std::array<int, categories + 1> order{};
  std::iota(order.begin(), order.end(), 0);
  const Random exchange = toy_random(seed_, ToyStep::classes, train_);
  for (std::size_t i = classes(); i-- > 1;)
    std::swap(order[i], order[exchange.below(run * 8 + i, static_cast<std::uint32_t>(i + 1))]);
  Scene scene;
  scene.category = order[place];
  if (scene.category < Scene::no_toy) {
    std::size_t view = order_[static_cast<std::size_t>(scene.category)][run % views];
    scene.light = static_cast<int>(view % 6), view /= 6;
    scene.azimuth = static_cast<int>(view % 18), view /= 18;
    scene.elevation = static_cast<int>(view % 9), view /= 9;
    scene.instance = toy_instance(train_, view);
  }
  if (variant_ == ToyVariant::plain) return scene;
  const Random jitter = toy_random(seed_, ToyStep::jitter, train_);
  const std::uint64_t first = 8 * sample;
  if (scene.category == Scene::no_toy) {
    scene.light = whole(jitter, first + 6, 0, 5);
    scene.elevation = whole(jitter, first + 7, 0, 8);
    return scene;
  }
  scene.shift_x = whole(jitter, first + 0, -6, 6);
  scene.shift_y = whole(jitter, first + 1, -6, 6);
  scene.brightness = whole(jitter, first + 2, -20, 20);
  scene.contrast = share(jitter, first + 3, 51, 83);     // 0.8 to 1.3
  scene.scale = share(jitter, first + 4, 50, 64);        // 0.78 to 1
  scene.rotation = share(jitter, first + 5, -320, 320);  // -5 to 5 degrees
  return scene;
}

}  // namespace rectify::data
