// rectify regions: the linear pieces of a trained network, on the lines and the plane through three
// samples.

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "cli/columns.h"
#include "cli/flags.h"
#include "cli/loading.h"
#include "cli/out_file.h"
#include "cli/verb.h"
#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/data/images/sample_image.h"
#include "rectify/diagnose/regions/first_weights.h"
#include "rectify/diagnose/regions/patterns.h"
#include "rectify/diagnose/regions/plane.h"
#include "rectify/diagnose/regions/saliency.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"
#include "rectify/report/plane_picture.h"
#include "rectify/report/tiles.h"

namespace rectify::cli::ops {

namespace {

namespace fs = std::filesystem;

struct Flags : CommonFlags, ModelFlags {
  std::string samples;
  std::int64_t count = 1000, limit = diagnose::most_plane_parts;
};

/// One of the three samples.
struct Chosen {
  std::uint32_t number = 0;
  std::vector<float> input;  ///< as the network takes it
  std::string name;          ///< "sample 12 (seven)"
};

struct Segment {
  std::size_t from, to;  ///< numbers among the chosen samples
  diagnose::SegmentPieces pieces;
};

struct Regions {
  std::array<Chosen, 3> samples;
  std::vector<Segment> segments;
  report::PlanePicture picture;
  diagnose::PatternCounts patterns;
  std::vector<std::string> files;
};

/// The numbers of --samples. Throws Error for anything but three different samples of the split.
std::vector<std::uint32_t> parse_samples(const std::string& text, std::size_t count) {
  std::vector<std::uint32_t> numbers;
  for (const std::string& part : split(text, ',')) {
    const std::string word(trim(part));
    std::int64_t number = -1;
    if (!word.empty() && word.size() < 11 &&
        word.find_first_not_of("0123456789") == std::string::npos)
      number = std::stoll(word);
    if (number < 0) fail("--samples wants three numbers with commas between, not '", text, "'");
    if (number >= static_cast<std::int64_t>(count))
      fail("--samples: there is no sample ", number, "; the split has ", count,
           ", which are counted from 0");
    if (std::ranges::count(numbers, static_cast<std::uint32_t>(number)) > 0)
      fail("--samples names sample ", number, " twice; take three different ones");
    numbers.push_back(static_cast<std::uint32_t>(number));
  }
  if (numbers.size() != 3) fail("--samples wants three numbers, not ", numbers.size());
  return numbers;
}

/// The first sample, and the next ones of other classes; the next ones at all where there are no
/// more classes.
std::vector<std::uint32_t> first_samples(const data::Split& split) {
  if (split.count < 3)
    fail("three samples are needed but the split has ", split.count, "; choose --split train");
  std::vector<std::uint32_t> numbers = {0};
  const auto is_new = [&](std::uint32_t i) {
    return std::ranges::none_of(numbers, [&](std::uint32_t n) {
      return n == i || (split.labels.size() == split.count && split.labels[n] == split.labels[i]);
    });
  };
  for (std::uint32_t i = 1; i < split.count && numbers.size() < 3; ++i)
    if (is_new(i)) numbers.push_back(i);
  for (std::uint32_t i = 1; numbers.size() < 3; ++i)
    if (std::ranges::count(numbers, i) == 0) numbers.push_back(i);
  return numbers;
}

std::string sample_name(const Loaded& loaded, const data::Split& split, std::uint32_t number) {
  const bool labelled = split.labels.size() == split.count && !loaded.dataset.class_names.empty();
  const std::string label =
      labelled ? loaded.dataset.class_names[static_cast<std::size_t>(split.labels[number])] : "";
  return concat("sample ", number, labelled ? concat(" (", label, ")") : "");
}

std::array<Chosen, 3> chosen_samples(const Loaded& loaded, const data::Split& split,
                                     const Flags& flags) {
  const std::vector<std::uint32_t> numbers =
      flags.samples.empty() ? first_samples(split) : parse_samples(flags.samples, split.count);
  std::array<Chosen, 3> samples;
  for (std::size_t i = 0; i < 3; ++i) {
    samples[i].number = numbers[i];
    samples[i].name = sample_name(loaded, split, numbers[i]);
    samples[i].input.resize(loaded.dataset.features());
    data::gather(split, loaded.dataset.features(), std::span(&numbers[i], 1),
                 loaded.model.normalisation.inputs, samples[i].input.data());
  }
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (samples[i].input == samples[j].input)
        fail("samples ", numbers[j], " and ", numbers[i],
             " are the same input; choose others with --samples");
  return samples;
}

/// What each number of answers(): the classes, the side of 0, or the outputs.
std::vector<std::string> answer_names(const model::Model& model, std::size_t outputs) {
  if (outputs == model.class_names.size()) return model.class_names;
  if (outputs == 1) return {"0 or below", "above 0"};
  std::vector<std::string> names;
  for (std::size_t i = 0; i < outputs; ++i) names.push_back(concat("output ", i));
  return names;
}

/// Places along each side of the grid that stands in for a plane with too many pieces: as many as
/// take a few seconds.
std::size_t grid_size(const graph::Graph& graph) {
  return graph::total_cost(graph).forward_flops < 5e6 ? 256 : 96;
}

void check_flags(const Flags& flags) {
  if (flags.count < 1) fail("--count must be 1 or more, not ", flags.count);
  if (flags.limit < 1) fail("--limit must be 1 or more, not ", flags.limit);
}

Regions look(const Loaded& loaded, const Flags& flags, ThreadPool& threads,
             const ProgressCallback& progress) {
  const data::Split& split = split_of(loaded.dataset, flags.split);
  const diagnose::AffineNetwork network(loaded.model);
  const auto limit = static_cast<std::size_t>(flags.limit);
  Regions all;
  all.samples = chosen_samples(loaded, split, flags);
  if (!flags.out.empty()) make_folder(flags.out);  // before all that takes time
  const auto& [a, b, c] = all.samples;
  for (const auto& [from, to] : {std::pair{0u, 1u}, {1u, 2u}, {2u, 0u}}) {
    progress({.text = concat(all.samples[from].name, " to ", all.samples[to].name),
              .done = static_cast<double>(all.segments.size()) / 5});
    all.segments.push_back({from, to,
                            diagnose::pieces_between(network, all.samples[from].input,
                                                     all.samples[to].input, threads, limit)});
  }
  progress({.text = "plane through the three", .done = 0.6});
  all.picture = {.plane = diagnose::plane_through(a.input, b.input, c.input),
                 .pieces = {},
                 .limit = limit,
                 .grid = {},
                 .answers = answer_names(loaded.model, network.outputs()),
                 .samples = {a.name, b.name, c.name}};
  all.picture.pieces = diagnose::pieces_on(network, all.picture.plane, threads, limit);
  if (!all.picture.pieces.complete)
    all.picture.grid =
        diagnose::grid_on(loaded.model, all.picture.plane, grid_size(loaded.model.graph), threads);
  progress({.text = "patterns", .done = 0.8});
  const std::vector<std::uint32_t> numbers =
      model::all_samples(std::min(split.count, static_cast<std::size_t>(flags.count)));
  all.patterns =
      diagnose::count_patterns(network, split, numbers, loaded.model.normalisation, threads);
  return all;
}

/// Each sample with what its numbers do to the largest output.
std::string saliency_png(const Loaded& loaded, const data::Split& split, const Regions& regions,
                         ThreadPool& threads) {
  diagnose::Saliency saliency(loaded.model, threads);
  const diagnose::AffineNetwork network(loaded.model);
  std::vector<data::Image> tiles;
  for (const Chosen& sample : regions.samples) {
    std::vector<float> outputs;
    network.run(
        {.cells = {diagnose::Cell{{{}}}}, .rows = {sample.input.begin(), sample.input.end()}}, 1,
        threads, [&](const diagnose::AffinePart& part) {
          outputs.assign(part.outputs.numbers.begin(), part.outputs.numbers.end());
        });
    const auto largest =
        static_cast<std::size_t>(std::ranges::max_element(outputs) - outputs.begin());
    tiles.push_back(report::enlarged(*data::sample_image(loaded.dataset, split, sample.number)));
    tiles.push_back(report::signed_picture(saliency.gradient(sample.input, largest),
                                           loaded.dataset.sample_shape));
  }
  return report::tile_png(tiles, 2);
}

std::string weights_png(const Loaded& loaded) {
  const diagnose::FirstWeights weights =
      diagnose::first_weights(loaded.model, loaded.dataset.sample_shape);
  std::vector<data::Image> tiles;
  for (const std::vector<float>& map : weights.maps)
    tiles.push_back(report::signed_picture(map, weights.shape));
  return report::tile_png(tiles, 10);
}

void write_pictures(const Loaded& loaded, const Flags& flags, Regions& regions,
                    ThreadPool& threads) {
  const fs::path folder = flags.out;
  const auto write = [&](const char* name, const std::string& bytes) {
    write_file(folder / name, bytes);
    regions.files.push_back((folder / name).string());
  };
  write("plane.png", report::draw_plane(regions.picture, report::PictureFormat::png));
  const data::Split& split = split_of(loaded.dataset, flags.split);
  if (!data::sample_image(loaded.dataset, split, 0)) return;  // no images: nothing more to show
  write("saliency.png", saliency_png(loaded, split, regions, threads));
  write("weights.png", weights_png(loaded));
}

std::string counted(std::size_t n) { return count_text(static_cast<std::int64_t>(n)); }

/// "7,", "3 from 0.31,", "2 from 0.55"
std::vector<std::string> answer_words(const diagnose::SegmentPieces& pieces,
                                      const std::vector<std::string>& names) {
  std::vector<std::string> words;
  for (const auto& [begin, largest] : pieces.answers) {
    if (!words.empty()) words.back() += ",";
    words.push_back(words.empty() ? names[largest]
                                  : concat(names[largest], " from ", fixed_text(begin, 2)));
  }
  return words;
}

/// A row of the table; answers that do not fit go on below their own beginning.
std::string segment_row(const std::string& name, const std::string& pieces,
                        const std::string& patterns, const std::vector<std::string>& answers) {
  const std::string columns =
      padded(name, 22, false) + padded(pieces, 14, true) + padded(patterns, 14, true) + "  ";
  return columns + wrapped(answers, std::string(columns.size(), ' ')).substr(columns.size());
}

std::string segments_text(const Regions& regions) {
  std::string text = segment_row("segment", "pieces", "patterns", {"answer"});
  for (const Segment& segment : regions.segments) {
    const diagnose::SegmentPieces& pieces = segment.pieces;
    const std::string name =
        concat(regions.samples[segment.from].number, " to ", regions.samples[segment.to].number);
    if (pieces.complete)
      text += segment_row(name, counted(pieces.pieces), counted(pieces.patterns),
                          answer_words(pieces, regions.picture.answers));
    else
      text += concat(padded(name, 22, false), "  more than ", counted(regions.picture.limit),
                     " patterns (--limit)\n");
  }
  return text;
}

std::string plane_text(const Regions& regions, std::int64_t limit) {
  const diagnose::PlanePieces& pieces = regions.picture.pieces;
  if (pieces.complete)
    return concat("plane through the three: ", counted(pieces.pieces),
                  pieces.pieces == 1 ? " piece, " : " pieces, ", counted(pieces.patterns),
                  " patterns in a square of side ", fixed_text(regions.picture.plane.side, 2),
                  "\n");
  return concat("plane through the three: more than ", count_text(limit), " patterns (--limit)\n");
}

std::string patterns_text(const diagnose::PatternCounts& patterns, const std::string& split) {
  const auto samples = static_cast<double>(patterns.samples);
  std::string text =
      concat("patterns of ", counted(patterns.samples), " ", split == "all" ? "" : split + " ",
             "samples: ", counted(patterns.whole.distinct), " different, ",
             fixed_text(patterns.whole.entropy, 2), " bits of at most ",
             fixed_text(std::log2(samples), 2), "\n");
  for (const diagnose::PatternCount& layer : patterns.layers)
    text += concat("  ", padded(layer.label, 18, false), counted(layer.distinct), " different, ",
                   fixed_text(layer.entropy, 2), " bits\n");
  return text;
}

std::string text_of(const Loaded& loaded, const Regions& regions, const Flags& flags) {
  const std::string title = concat(regions.samples[0].name, ", ", regions.samples[1].name, " and ",
                                   regions.samples[2].name, " of ", loaded.dataset.spec);
  std::string text =
      concat(wrapped(title, ""), "\n", segments_text(regions), "\n",
             plane_text(regions, flags.limit), patterns_text(regions.patterns, flags.split));
  for (const std::string& file : regions.files) text += file + "\n";
  return text;
}

Json parts_json(const std::vector<diagnose::PartsBehind>& after) {
  Json json = Json::array();
  for (const auto& [label, parts] : after) json.push_back({{"label", label}, {"patterns", parts}});
  return json;
}

Json segment_json(const Segment& segment, const Regions& regions) {
  const bool complete = segment.pieces.complete;
  Json answers = Json::array();
  for (const auto& [begin, largest] : segment.pieces.answers)
    answers.push_back({{"from", begin}, {"largest", regions.picture.answers[largest]}});
  return {{"from", regions.samples[segment.from].number},
          {"to", regions.samples[segment.to].number},
          {"complete", complete},
          {"pieces", complete ? Json(segment.pieces.pieces) : Json()},
          {"patterns", complete ? Json(segment.pieces.patterns) : Json()},
          {"layers", parts_json(segment.pieces.after)},
          {"answers", answers}};
}

Json pattern_json(const diagnose::PatternCount& count) {
  return {{"label", count.label}, {"different", count.distinct}, {"entropy", count.entropy}};
}

Json json_of(const Loaded& loaded, const Regions& regions, const Flags& flags) {
  Json json = {{"schema", 1},
               {"model", graph::model_text(loaded.model.graph)},
               {"data", loaded.dataset.spec},
               {"split", flags.split},
               {"samples", Json::array()},
               {"segments", Json::array()}};
  for (const Chosen& sample : regions.samples) json["samples"].push_back(sample.number);
  for (const Segment& segment : regions.segments)
    json["segments"].push_back(segment_json(segment, regions));
  const diagnose::PlanePieces& pieces = regions.picture.pieces;
  json["plane"] = {{"complete", pieces.complete},
                   {"pieces", pieces.complete ? Json(pieces.pieces) : Json()},
                   {"patterns", pieces.complete ? Json(pieces.patterns) : Json()},
                   {"side", regions.picture.plane.side},
                   {"layers", parts_json(pieces.after)}};
  json["patterns"] = {{"samples", regions.patterns.samples},
                      {"different", regions.patterns.whole.distinct},
                      {"entropy", regions.patterns.whole.entropy},
                      {"layers", Json::array()}};
  for (const diagnose::PatternCount& layer : regions.patterns.layers)
    json["patterns"]["layers"].push_back(pattern_json(layer));
  json["files"] = regions.files;
  return json;
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  declare_weights(args, *flags);
  args.option("--samples", flags->samples,
              "Three samples of the split, by their numbers; without it, the first ones of "
              "different classes")
      .type_name("LIST");
  args.option("--count", flags->count, "Samples whose patterns are counted, at most");
  args.option("--limit", flags->limit,
              "Patterns that are counted on a segment or a plane, at most");
  args.option("--out", flags->out,
              "Folder for pictures: plane.png, and of images saliency.png and weights.png")
      .type_name("DIR");
  declare_threads(args, *flags);
  return [flags](Terminal& terminal) {
    check_flags(*flags);
    ThreadPool threads(flags->threads);
    const Loaded loaded = load_with_data(*flags, threads);
    for (const std::string& note : loaded.dataset.notes) terminal.say(note);
    Regions regions = look(loaded, *flags, threads, terminal.progress());
    if (!flags->out.empty()) write_pictures(loaded, *flags, regions, threads);
    terminal.print(terminal.json ? json_of(loaded, regions, *flags).dump(2) + "\n"
                                 : text_of(loaded, regions, *flags));
    return exit_done;
  };
}

}  // namespace

std::span<const Verb> regions() {
  static const Verb all[] = {
      {"regions", "Counts and draws the linear pieces of a rectifier network",
       "rectify regions mnist-relu --samples 0,1,2 --out pictures", declare}};
  return all;
}

}  // namespace rectify::cli::ops
