// toys: pictures of toys from two cameras, made as NORB was (LeCun, Huang and Bottou 2004,
// "Learning methods for generic object recognition with invariance to pose and lighting"). Without
// `variant` it is moons or spirals, for scripts that loop over sets of points.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/data/kinds.h"
#include "rectify/data/large_memory.h"
#include "rectify/data/options.h"
#include "rectify/data/toys/painter.h"

namespace rectify::data::ops {

namespace {

constexpr std::int64_t plain_most = 24300;  // 5 categories of 4,860 views

bool has_option(const std::string& argument, std::string_view name) {
  for (const std::string& part : split(argument, ','))
    if (trim(std::string_view(part).substr(0, part.find('='))) == name) return true;
  return false;
}

/// Whether the options are those of pictures.
bool asks_for_pictures(const std::string& argument) { return has_option(argument, "variant"); }

/// What a SPEC asks for.
struct Wanted {
  ToyVariant variant = ToyVariant::plain;
  PictureForm form;
  std::size_t train = 0, test = 0;
  std::uint64_t seed = 0;
};

Wanted read_options(const Request& request) {
  const std::array<std::string, 6> known = {"variant", "size", "cameras", "train", "test", "seed"};
  const std::array<std::string, 2> variants = {"plain", "cluttered"};
  const std::array<std::string, 3> sizes = {"32", "48", "96"};
  const Options options(request.what(), request.argument, known);
  Wanted wanted;
  if (options.choice("variant", "plain", variants) == "cluttered")
    wanted.variant = ToyVariant::cluttered;
  const bool plain = wanted.variant == ToyVariant::plain;
  wanted.form.size = std::stoi(options.choice("size", "32", sizes));
  wanted.form.cameras = static_cast<int>(options.integer("cameras", 2, 1, 2));
  const std::int64_t classes = plain ? 5 : 6, most = plain ? plain_most : 10'000'000;
  wanted.train = static_cast<std::size_t>(options.integer("train", plain_most, classes, most));
  wanted.test = static_cast<std::size_t>(options.integer("test", plain_most, classes, most));
  wanted.seed = static_cast<std::uint64_t>(options.integer("seed", 1, 0, INT64_MAX));
  return wanted;
}

Split paint_split(const Wanted& wanted, bool train, ThreadPool& threads) {
  constexpr std::size_t samples_per_tile = 64;
  const ToySplit toys(wanted.variant, train, wanted.seed);
  const std::size_t count = train ? wanted.train : wanted.test;
  const auto side = static_cast<std::size_t>(wanted.form.size);
  const std::size_t size = side * side * static_cast<std::size_t>(wanted.form.cameras);
  Split split;
  split.count = count;
  split.labels.resize(count);
  resize_large(split.bytes, count * size);
  std::vector<std::unique_ptr<Painter>> painters(static_cast<std::size_t>(threads.threads()));
  threads.run((count + samples_per_tile - 1) / samples_per_tile,
              [&](std::size_t tile, std::size_t thread) {
                if (!painters[thread]) painters[thread] = std::make_unique<Painter>(wanted.form);
                const std::size_t end = std::min(count, (tile + 1) * samples_per_tile);
                for (std::size_t i = tile * samples_per_tile; i < end; ++i) {
                  split.labels[i] = toys.scene(i).category;
                  painters[thread]->paint(toys, i, std::span(split.bytes).subspan(i * size, size));
                }
              });
  return split;
}

Dataset paint_toys(const Request& request, ThreadPool& threads) {
  const Wanted wanted = read_options(request);
  Dataset dataset;
  dataset.sample_shape = Shape{wanted.form.size, wanted.form.size, wanted.form.cameras};
  dataset.class_names = toy_class_names(wanted.variant);
  dataset.train = paint_split(wanted, true, threads);
  dataset.test = paint_split(wanted, false, threads);
  return dataset;
}

/// How each sample was taken, in the columns of NORB's own files: those of small NORB, or of the
/// jittered and cluttered set.
std::vector<float> info_of(const Wanted& wanted, bool train) {
  const ToySplit toys(wanted.variant, train, wanted.seed);
  const auto number = [](auto value) { return static_cast<float>(value); };
  std::vector<float> info;
  for (std::size_t i = 0; i < (train ? wanted.train : wanted.test); ++i) {
    const Scene s = toys.scene(i);
    const bool toy = s.category != Scene::no_toy;
    // NORB numbers the azimuths 0, 2, ... 34: tens of degrees.
    for (const int v : {toy ? s.instance : -1, s.elevation, toy ? 2 * s.azimuth : -1, s.light})
      info.push_back(number(v));
    if (wanted.variant == ToyVariant::plain) continue;
    for (const int v : {s.shift_x, s.shift_y, s.brightness}) info.push_back(number(v));
    for (const double v : {s.contrast, s.scale, s.rotation}) info.push_back(number(v));
  }
  return info;
}

SampleInfo toys_info(const Request& request) {
  if (!asks_for_pictures(request.argument)) return {};
  const Wanted wanted = read_options(request);
  SampleInfo info;
  info.names = {"instance", "elevation", "azimuth", "lighting"};
  if (wanted.variant == ToyVariant::cluttered) {
    info.whole = false;
    for (const char* name : {"shift_x", "shift_y", "brightness", "contrast", "scale", "rotation"})
      info.names.emplace_back(name);
  }
  info.train = info_of(wanted, true);
  info.test = info_of(wanted, false);
  return info;
}

/// Opens moons or spirals, as `shape` says.
Dataset open_points(const Request& request, ThreadPool& threads) {
  for (const char* option : {"size", "cameras"})
    if (has_option(request.argument, option))
      fail(request.what(), ": there is no option '", option,
           "' without variant=plain or variant=cluttered, which ask for pictures");
  const std::array<std::string, 5> known = {"shape", "train", "test", "seed", "noise"};
  const std::array<std::string, 2> shapes = {"moons", "spirals"};
  const Options options(request.what(), request.argument, known);
  const std::string shape = options.choice("shape", shapes[0], shapes);
  Request points = request;
  points.argument.clear();
  for (const std::string& part : split(request.argument, ','))
    if (!trim(part).starts_with("shape"))
      points.argument += (points.argument.empty() ? "" : ",") + part;
  for (const Kind* kind : kinds())
    if (kind->name == shape) return kind->open(points, threads);
  fail(request.what(), ": there is no kind '", shape, "'");
}

Dataset open_toys(const Request& request, ThreadPool& threads) {
  return asks_for_pictures(request.argument) ? paint_toys(request, threads)
                                             : open_points(request, threads);
}

}  // namespace

std::span<const Kind> toys() {
  static constexpr std::array all = {
      Kind{"toys",
           "toys[:shape=moons,train=2000,test=1000,seed=1,noise=...] or "
           "toys:variant=plain[,size=32,cameras=2,train=24300,test=24300,seed=1]",
           open_toys, nullptr, toys_info}};
  return all;
}

}  // namespace rectify::data::ops
