#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rectify/base/random.h"
#include "rectify/data/glyphs/distort.h"
#include "rectify/data/glyphs/shapes.h"
#include "rectify/data/glyphs/writer.h"
#include "rectify/data/kinds.h"
#include "rectify/data/large_memory.h"
#include "rectify/data/options.h"
#include "rectify/data/splits/shuffle.h"

namespace rectify::data::ops {

namespace {

constexpr auto stream = static_cast<std::uint32_t>(Stream::data);

/// The steps of Stream::data: each use of random numbers has its own.
enum Step : std::uint32_t {
  draw_train,
  draw_test,
  order_train,
  order_test,
  distort_train,
  distort_test
};

/// How hard the samples are. Both numbers are in 1/1024, so that all further arithmetic is in whole
/// numbers.
struct Hardness {
  std::int64_t difficulty = 0;
  std::int64_t complexity = 0;
};

/// Labels in runs: each run has every class once, in a random order. So splits are balanced, and a
/// smaller split is the beginning of a larger one.
std::vector<std::int32_t> balanced_labels(std::size_t count, std::size_t classes,
                                          std::uint64_t seed, Step step) {
  std::vector<std::int32_t> labels(count), run(classes);
  const Random random(seed, stream, step);
  for (std::size_t begin = 0; begin < count; begin += classes) {
    std::iota(run.begin(), run.end(), 0);
    for (std::size_t i = classes; i-- > 1;)
      std::swap(run[i], run[random.below(begin + i, static_cast<std::uint32_t>(i + 1))]);
    const std::size_t here = std::min(classes, count - begin);
    std::copy_n(run.begin(), here, labels.begin() + static_cast<std::ptrdiff_t>(begin));
  }
  return labels;
}

Split make_split(const std::vector<Glyph>& glyphs, std::size_t count, std::uint64_t seed,
                 Hardness hardness, bool train, ThreadPool& threads) {
  constexpr std::size_t samples_per_tile = 128;
  constexpr std::size_t size = canvas * canvas;
  Split split;
  split.count = count;
  split.labels = balanced_labels(count, glyphs.size(), seed, train ? order_train : order_test);
  resize_large(split.bytes, count * size);
  const Random random(seed, stream, train ? draw_train : draw_test);
  // The distortions have random numbers of their own, so that they do not change the characters
  // below.
  const Random more(seed, stream, train ? distort_train : distort_test);
  threads.run((count + samples_per_tile - 1) / samples_per_tile, [&](std::size_t tile) {
    const std::size_t end = std::min(count, (tile + 1) * samples_per_tile);
    for (std::size_t i = tile * samples_per_tile; i < end; ++i) {
      Draws draws(random, i * blocks_per_sample);
      Canvas ink = write_glyph(glyphs[static_cast<std::size_t>(split.labels[i])],
                               hardness.difficulty, draws);
      if (hardness.complexity > 0) {
        Draws distortions(more, i * blocks_per_sample);
        distort(ink, glyphs, distortions.below(hardness.complexity + 1), distortions);
      }
      std::copy(ink.begin(), ink.end(), split.bytes.data() + i * size);
    }
  });
  return split;
}

/// The digits, or the 62 classes of NIST's set (digits and letters) in its order.
std::vector<Glyph> chosen_glyphs(const std::string& classes) {
  std::vector<Glyph> glyphs = digit_glyphs();
  if (classes == "digits") return glyphs;
  for (const auto& letters : {capital_glyphs(), small_glyphs()})
    glyphs.insert(glyphs.end(), letters.begin(), letters.end());
  return glyphs;
}

Dataset open_glyphs(const Request& request, ThreadPool& threads) {
  const std::array<std::string, 6> known = {"classes", "train",      "test",
                                            "seed",    "difficulty", "complexity"};
  const std::array<std::string, 2> class_sets = {"digits", "alnum"};
  const Options options(request.what(), request.argument, known);
  const std::vector<Glyph> glyphs = chosen_glyphs(options.choice("classes", "digits", class_sets));
  const auto least = static_cast<std::int64_t>(glyphs.size());
  const auto train = static_cast<std::size_t>(options.integer("train", 20000, least, 10'000'000));
  const auto test = static_cast<std::size_t>(options.integer("test", 5000, least, 10'000'000));
  const auto seed = static_cast<std::uint64_t>(options.integer("seed", 1, 0, INT64_MAX));
  // Products with a power of two are exact.
  const Hardness hardness{std::llround(options.number("difficulty", 0.5, 0, 1) * 1024),
                          std::llround(options.number("complexity", 0, 0, 1) * 1024)};
  Dataset dataset;
  dataset.sample_shape = Shape{canvas, canvas, 1};
  for (const Glyph& glyph : glyphs) dataset.class_names.push_back(glyph.name);
  dataset.train = make_split(glyphs, train, seed, hardness, true, threads);
  dataset.test = make_split(glyphs, test, seed, hardness, false, threads);
  return dataset;
}

}  // namespace

std::span<const Kind> glyphs() {
  static constexpr std::array all = {Kind{
      "glyphs", "glyphs[:classes=digits,train=20000,test=5000,seed=1,difficulty=0.5,complexity=0]",
      open_glyphs}};
  return all;
}

}  // namespace rectify::data::ops
