#include "cli/robustness.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include "cli/out_file.h"
#include "rectify/base/enumeration.h"
#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/base/version.h"
#include "rectify/data/images/sample_image.h"
#include "rectify/graph/text.h"
#include "rectify/lab/settings.h"
#include "rectify/lab/stopped.h"
#include "rectify/lab/summary.h"
#include "rectify/report/robustness.h"
#include "rectify/report/tiles.h"
#include "rectify/verify/robust.h"

namespace rectify::cli {

namespace {

namespace fs = std::filesystem;
using verify::Fate;
using verify::SampleFate;

constexpr const char* samples_name = "samples.jsonl";

/// What must be the same for the samples of a folder to count: all that decides their fates.
std::string question_of(const RobustFlags& flags, const Loaded& loaded) {
  const std::span<const float> parameters = loaded.model.parameters.span();
  const std::string_view bytes(reinterpret_cast<const char*>(parameters.data()),
                               parameters.size_bytes());
  const Json json = {{"model", graph::model_text(loaded.model.graph)},
                     {"parameters", std::to_string(fnv1a(bytes))},
                     {"data", std::to_string(data::fingerprint(loaded.dataset))},
                     {"split", flags.split},
                     {"eps", flags.eps},
                     {"norm", rectify::name_of(flags.norm)},
                     {"timeout", flags.timeout}};
  return json.dump();
}

/// The file of finished samples: a line with the question, and one for each sample.
class FinishedSamples {
 public:
  /// Takes over what is there where the question is the same. Throws Error for another question and
  /// for lines that cannot be of these samples, unless `force`, which begins anew.
  FinishedSamples(const fs::path& folder, const std::string& question, bool force,
                  const data::Dataset& dataset, const data::Split& samples)
      : path_(folder / samples_name) {
    make_folder(folder);
    std::string kept = question + "\n";
    if (fs::exists(path_) && !force) {
      const std::vector<std::string> lines = split(read_file(path_), '\n');
      if (lines[0] != question)
        fail("'", path_.string(),
             "' has samples of another network, data, --robust, --norm or --timeout; give another "
             "--out, or --force to begin anew");
      // The last line has no end where the program was killed while it wrote.
      for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
        const SampleFate fate = read(lines[i], i + 1, dataset, samples);
        found_[fate.sample] = fate;
        kept += lines[i] + "\n";
      }
    }
    write_file(path_, kept);
  }

  const SampleFate* find(std::uint32_t sample) const {
    const auto found = found_.find(sample);
    return found == found_.end() ? nullptr : &found->second;
  }

  void add(const SampleFate& fate) const {
    std::ofstream out(path_, std::ios::app | std::ios::binary);
    out << verify::to_json(fate) + "\n" << std::flush;
    if (!out)
      throw WriteError(concat("cannot write to '", path_.string(), "'; make room, and ",
                              "give the same command again"));
  }

 private:
  SampleFate read(const std::string& line, std::size_t number, const data::Dataset& dataset,
                  const data::Split& samples) const {
    try {
      SampleFate fate = verify::fate_from_json(line);
      verify::check_fits(fate, dataset, samples);
      return fate;
    } catch (const Error& error) {
      fail("'", path_.string(), "' line ", number, " is damaged: ", error.what(),
           "; --force begins anew");
    }
  }

  fs::path path_;
  std::map<std::uint32_t, SampleFate> found_;
};

std::string class_of(const Loaded& loaded, std::int32_t label) {
  return loaded.dataset.class_names[static_cast<std::size_t>(label)];
}

/// A sample of numbers in stored units as a picture.
std::optional<data::Image> picture_of(const Loaded& loaded, const std::vector<float>& numbers) {
  data::Split alone;
  alone.count = 1;
  const bool bytes = !loaded.dataset.test.bytes.empty() || !loaded.dataset.train.bytes.empty();
  for (const float number : numbers)
    if (bytes)
      alone.bytes.push_back(static_cast<std::uint8_t>(std::clamp(number + 0.5f, 0.0f, 255.0f)));
    else
      alone.values.push_back(number);
  return data::sample_image(loaded.dataset, alone, 0);
}

/// Sample, changed sample and change beside each other, of the first few that fell.
std::vector<report::Picture> pictures_of(const Loaded& loaded, const data::Split& split,
                                         const std::vector<SampleFate>& fates) {
  constexpr std::size_t most = 60;
  std::vector<report::Picture> pictures;
  for (const SampleFate& fate : fates) {
    if (fate.fate != Fate::attacked || pictures.size() == most) continue;
    const std::vector<float> sample = verify::stored_sample(loaded.dataset, split, fate.sample);
    const auto before = picture_of(loaded, sample), after = picture_of(loaded, fate.changed);
    if (!before || !after) return {};
    std::vector<float> change(sample.size());
    double largest = 0, square = 0;
    for (std::size_t i = 0; i < sample.size(); ++i) {
      change[i] = fate.changed[i] - sample[i];
      largest = std::max(largest, std::abs(double{change[i]}));
      square += double{change[i]} * change[i];
    }
    const std::vector<data::Image> tiles = {
        report::enlarged(*before), report::enlarged(*after),
        report::signed_picture(change, loaded.dataset.sample_shape)};
    pictures.push_back(
        {.title = concat("Sample ", fate.sample, ": ", class_of(loaded, fate.label), " becomes ",
                         class_of(loaded, fate.fallen_to)),
         .words = concat("Largest change ", number_text(std::round(100 * largest) / 100),
                         ", 2-norm ", fixed_text(std::sqrt(square), 1), "."),
         .png = report::tile_png(tiles, 3)});
  }
  return pictures;
}

std::string command_of(const RobustFlags& flags, const Loaded& loaded) {
  return concat("rectify verify ", shell_word(flags.model), " --robust ", number_text(flags.eps),
                " --norm ", rectify::name_of(flags.norm), " --data ",
                shell_word(loaded.dataset.spec), " --split ", flags.split, " --count ", flags.count,
                " --timeout ", number_text(flags.timeout), flags.last ? " --last" : "",
                " --out again");
}

void write_results(const RobustFlags& flags, const Loaded& loaded, const data::Split& split,
                   report::Robustness found, Terminal& terminal) {
  const fs::path folder = flags.out;
  found.pictures = pictures_of(loaded, split, found.samples);
  write_file(folder / "results.json", report::to_json(found).dump(2) + "\n");
  write_file(folder / "report.html", report::to_html(found));
  terminal.say("report: " + (folder / "report.html").string());
}

/// Shows the share that is done, and what is left by what the judged samples took.
class RobustProgress {
 public:
  RobustProgress(Terminal& terminal, std::size_t samples)
      : show_(terminal.progress()), samples_(samples) {}

  void finished(std::size_t done, double seconds, const verify::FateCounts& counts) {
    if (seconds > 0) ++judged_, seconds_ += seconds;
    if (done == samples_) return;
    const double a_sample = judged_ > 0 ? seconds_ / static_cast<double>(judged_) : 0;
    show_({.text = concat(done, " of ", samples_, " samples: ", counts.of(Fate::certified),
                          " certified, ", counts.of(Fate::attacked), " attacked, ",
                          counts.of(Fate::undecided), " undecided"),
           .done = static_cast<double>(done) / static_cast<double>(samples_),
           .seconds_left = judged_ > 0 ? a_sample * static_cast<double>(samples_ - done) : -1});
  }

 private:
  ProgressCallback show_;
  std::size_t samples_, judged_ = 0;
  double seconds_ = 0;
};

/// A sample that is wrong without any change says nothing about changes.
int exit_of(const verify::FateCounts& counts, bool fail) {
  if (!fail) return exit_done;
  if (counts.of(Fate::attacked) > 0) return exit_fault;
  return counts.of(Fate::undecided) > 0 ? exit_unproven : exit_done;
}

void check_flags(const RobustFlags& flags) {
  if (!(flags.eps > 0 && flags.eps <= 1e30))
    fail("--robust must be above 0 and at most 1e30, not ", number_text(flags.eps));
  if (flags.count < 1) fail("--count must be 1 or more, not ", flags.count);
}

}  // namespace

int judge_robustness(const RobustFlags& flags, Terminal& terminal) {
  check_flags(flags);
  ThreadPool threads(flags.threads);
  Loaded loaded = load_with_data(flags, threads);
  for (const std::string& note : loaded.dataset.notes) terminal.say(note);
  const data::Split& split = split_of(loaded.dataset, flags.split);
  const std::string question = question_of(flags, loaded);
  const model::Perturbation change(loaded.dataset, flags.eps);
  if (flags.norm == verify::Norm::inf) change.check_within_range();
  report::Robustness found{.version = version,
                           .date = lab::today(),
                           .command = command_of(flags, loaded),
                           .model = graph::model_text(loaded.model.graph),
                           .data = loaded.dataset.spec,
                           .split = flags.split,
                           .eps = flags.eps,
                           .of_range = !split.bytes.empty(),
                           .norm = flags.norm,
                           .seconds_each = flags.timeout,
                           .asked = std::min(split.count, static_cast<std::size_t>(flags.count)),
                           .class_names = loaded.dataset.class_names,
                           .samples = {},
                           .pictures = {},
                           .machine = lab::machine_facts()};
  std::optional<FinishedSamples> finished;
  if (!flags.out.empty()) finished.emplace(flags.out, question, flags.force, loaded.dataset, split);
  const model::Predictor predictor(std::move(loaded.model));
  verify::RobustJudge judge(predictor, loaded.dataset, change, flags.norm, threads);
  const verify::Limits limits{.seconds = flags.timeout,
                              .threads = flags.threads,
                              .progress = {},
                              .stop = stop_when_interrupted()};
  RobustProgress progress(terminal, found.asked);
  verify::FateCounts counts;
  bool stopped = false;
  for (std::uint32_t i = 0; i < found.asked && !stopped; ++i) {
    const SampleFate* known = finished ? finished->find(i) : nullptr;
    const auto fate = known ? std::optional(*known) : judge.look_at(split, i, limits);
    stopped = !fate || interrupted();
    if (!fate) break;
    if (finished && !known) finished->add(*fate);
    counts.add(*fate);
    found.samples.push_back(*fate);
    progress.finished(i + 1, known ? 0 : fate->seconds, counts);
  }
  terminal.print(terminal.json ? report::to_json(found).dump(2) + "\n" : report::to_text(found));
  if (finished) write_results(flags, loaded, split, std::move(found), terminal);
  if (stopped && counts.samples < static_cast<std::size_t>(flags.count)) {
    terminal.say(finished ? "stopped; the same command goes on" : "stopped");
    return exit_interrupted;
  }
  return exit_of(counts, flags.fail);
}

}  // namespace rectify::cli
