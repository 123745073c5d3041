#include "rectify/lab/experiment.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <map>
#include <set>
#include <thread>

#include "rectify/base/file.h"
#include "rectify/base/file_lock.h"
#include "rectify/base/instruction_set.h"
#include "rectify/base/text.h"
#include "rectify/base/version.h"
#include "rectify/lab/claim_data.h"
#include "rectify/lab/judged_claims.h"
#include "rectify/lab/kept.h"
#include "rectify/lab/recipe_words.h"
#include "rectify/lab/settings.h"
#include "rectify/lab/stopped.h"
#include "rectify/lab/summary.h"
#include "rectify/lab/time_left.h"
#include "rectify/lab/winner.h"
#include "rectify/run/backend.h"

namespace rectify::lab {

namespace {

using ExperimentClock = std::chrono::steady_clock;

double since(ExperimentClock::time_point begin) {
  return std::chrono::duration<double>(ExperimentClock::now() - begin).count();
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw WriteError(concat("cannot make the folder '", folder.string(), "': ", error.message()));
}

Json json_of(const Measured& measured) {
  Json figures = Json::object(), series = Json::array();
  for (const auto& [name, value] : measured.figures) figures[name] = value;
  for (const report::LabSeries& one : measured.series)
    series.push_back({{"name", one.name}, {"x", one.x}, {"y", one.y}});
  return {{"figures", figures}, {"series", series}, {"lines", measured.lines}};
}

double number_of(const Json& json) { return json.is_number() ? json.get<double>() : std::nan(""); }

std::vector<double> numbers_of(const Json& list) {
  std::vector<double> values;
  for (const Json& item : list) values.push_back(number_of(item));
  return values;
}

report::LabRun run_of(const Json& json, std::uint64_t seed) {
  report::LabRun run{.seed = seed};
  for (const auto& [name, value] : json.at("figures").members())
    run.figures.emplace_back(name, number_of(value));
  for (const Json& one : json.at("series"))
    run.series.push_back({.name = one.at("name").get<std::string>(),
                          .x = numbers_of(one.at("x")),
                          .y = numbers_of(one.at("y"))});
  run.lines = json.at("lines").get<std::vector<std::string>>();
  return run;
}

/// The right to write results and pages, so that processes that share a folder do so in turn.
FileLock writing_in(const std::filesystem::path& out) {
  make_folder(out);
  return FileLock::take(out / ".lock", FileLock::File::goes);
}

/// Throws Error for a cell whose options the measure refuses, before the first is measured.
void check_cells(const Recipe& recipe, bool full) {
  if (!recipe.measure->check) return;
  for (const RecipeCell& cell : cells_of(recipe, full)) {
    try {
      recipe.measure->check(cell.options);
    } catch (const Error& error) {
      fail("recipe '", recipe.id, "'", cell.name.empty() ? "" : ", cell '" + cell.name + "'", ": ",
           error.what());
    }
  }
}

/// One run of a recipe, cell by cell, each kept in a file of its own.
class Experiment {
 public:
  Experiment(const Recipe& recipe, const ExperimentOptions& how, ThreadPool& threads,
             const ProgressCallback& progress, const StopCallback& stop)
      : recipe_(recipe),
        how_(how),
        threads_(threads),
        progress_(progress),
        stop_(stop),
        folder_(how.out / "cells"),
        data_(claim_data(recipe, how.data_dir, threads)) {
    make_folder(folder_);
  }

  report::LabResult run() {
    const std::vector<RecipeCell> cells = cells_of(recipe_, how_.full);
    const int seeds = this->seeds();
    const auto searches = static_cast<double>(recipe_.measure->prepare ? cells.size() : 0);
    const auto runs = static_cast<double>(cells.size()) * seeds;
    total_ = searches + runs;
    const double guess = recipe_.mode(how_.full).seconds / total_;
    searches_left_ = {searches, guess};
    runs_left_ = {runs, guess};
    report::LabResult result = frame();
    for (const RecipeCell& cell : cells) measure(cell, cells, seeds, result.cells);
    result.seconds = seconds_;
    result.processor_seconds = processor_seconds_;
    describe_machines(result);
    result.claims = judge_claims(recipe_, result.cells, data_.is_stand_in || in_short());
    return result;
  }

 private:
  int seeds() const {
    if (recipe_.measure->exact) return 1;
    return how_.seeds > 0 ? how_.seeds : recipe_.mode(how_.full).seeds;
  }

  report::LabResult frame() const {
    report::LabResult result{
        .id = recipe_.id,
        .title = recipe_.title,
        .claim = recipe_.claim,
        .area = recipe_.area,
        .by = recipe_.by,
        .original = recipe_.original,
        .rule = recipe_.rule,
        .mode = how_.full ? "full" : "quick",
        .in_short = how_.full ? "" : words_in_short(recipe_, seeds()),
        .version = version,
        .date = today(),
        .command = how_.command.empty() ? "" : how_.command + " " + shell_word(recipe_.word),
        .data = data_.spec,
        .stand_in = data_.why,
        .notes = recipe_.notes,
        .machine = {},
        .figure_names = recipe_.figure_names,
        .plots = recipe_.plots};
    result.settings.emplace_back("measure", std::string(recipe_.measure->name));
    for (const auto& option : option_words(recipe_, how_.full)) result.settings.push_back(option);
    return result;
  }

  /// What the pieces were measured on, also those of an earlier process.
  void describe_machines(report::LabResult& result) const {
    const std::vector<std::string> threads(threads_used_.begin(), threads_used_.end());
    result.settings.emplace_back("threads", listed(threads));
    bool mixed = threads.size() > 1;
    for (const auto& [name, now] : machine_facts()) {
      const std::set<std::string>& found = machines_.at(name);
      result.machine.emplace_back(name, listed(std::vector(found.begin(), found.end())));
      mixed = mixed || found.size() > 1;
    }
    if (mixed && !recipe_.measure->exact)
      result.notes.push_back(
          "Its pieces were measured with different numbers of threads, or on different processors: "
          "seconds of one tell nothing about those of another.");
  }

  /// Whether the mode leaves out samples or epochs that a claimed error is about.
  bool in_short() const { return !how_.full && !recipe_.quick.changes.empty(); }

  /// Adds one of `cells` to those that are done.
  void measure(const RecipeCell& cell, const std::vector<RecipeCell>& cells, int seeds,
               std::vector<report::LabCell>& done) {
    report::LabCell& out = done.emplace_back();
    out.name = cell.name;
    out.options = cell.differs;
    Json prepared;
    if (recipe_.measure->prepare)
      kept(cell, 0, "search", Json(), recipe_.measure->prepare, [&](const Json& result) {
        prepared = result;
        for (const auto& [name, value] : prepared.members())
          out.chosen.emplace_back(name, value.is_text() ? value.get<std::string>() : value.dump());
      });
    for (int seed = 1; seed <= seeds; ++seed) {
      const auto number = static_cast<std::uint64_t>(seed);
      kept(
          cell, number, concat("seed-", seed), prepared,
          [&](const MeasureInput& input) { return json_of(recipe_.measure->measure(input)); },
          [&](const Json& result) { out.runs.push_back(run_of(result, number)); });
      check_figures(recipe_, cells, done);
    }
  }

  /// Everything that decides a piece of work.
  Json key_of(const RecipeCell& cell, std::uint64_t seed, const Json& prepared) const {
    return {{"measure", recipe_.measure->name},
            {"measure_version", recipe_.measure->version},
            {"options", cell.options},
            {"seed", seed},
            {"prepared", prepared},
            {"data", data_.spec},
            {"data_fingerprint", data_.fingerprint},
            {"version", version},
            {"instruction_set", instruction_set()},
            {"onednn", run::onednn_version()}};
  }

  /// Does a piece of work, unless its file is there already, and gives `take` the result that is in
  /// the file then.
  template <class Work, class Take>
  void kept(const RecipeCell& cell, std::uint64_t seed, const std::string& piece,
            const Json& prepared, Work work, Take take) {
    const Json key = key_of(cell, seed, prepared);
    char hash[17];
    std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(fnv1a(key.dump())));
    // Without the cell's name: what two claims call differently is measured once.
    const std::string stem =
        concat(recipe_.measure->name, "-", piece, "-", std::string_view(hash, 12));
    const std::filesystem::path file = folder_ / (stem + ".json");
    bool fresh = false;
    running_ = seed == 0 ? &searches_left_ : &runs_left_;
    const std::optional<FileLock> turn = turn_at(file, title(cell, piece));
    const Json done = kept_document(file, [&] {
      fresh = true;
      return measured(cell, seed, piece, prepared, key, folder_ / stem, work);
    });
    try {
      if (done.at("key").dump() != key.dump())
        fail("'", file.string(), "' is of other work; delete it");
      count(done, fresh);
      take(done.at("result"));
    } catch (const JsonError& error) {
      fail("'", file.string(), "' is damaged: ", error.what(),
           "; delete it to repeat that piece of work");
    }
    show(concat(title(cell, piece), ": done"), 0, fresh);
  }

  /// The right to do a piece of work; nothing where its file is there. Where another process is at
  /// it, waits until that has finished it, or has ended without.
  std::optional<FileLock> turn_at(const std::filesystem::path& file, const std::string& what) {
    std::filesystem::path place = file;
    place.replace_extension(".lock");
    std::optional<FileLock> turn;
    while (!std::filesystem::exists(file) &&
           !(turn = FileLock::try_take(place, FileLock::File::goes))) {
      if (stop_ && stop_()) throw Stopped("stopped");
      show(what + ": waits for another process", 0);
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return turn;
  }

  /// Adds a piece of work to what is done. Throws JsonError.
  void count(const Json& done, bool fresh) {
    const double seconds = done.at("seconds").get<double>();
    const double processor_seconds = done.at("processor_seconds").get<double>();
    threads_used_.insert(std::to_string(done.at("threads").get<int>()));
    for (const auto& [name, now] : machine_facts())
      machines_[name].insert(done.at("machine").at(name).get<std::string>());
    fresh ? running_->finish(seconds) : running_->finish_before();
    worked_ += 1;
    seconds_ += seconds;
    processor_seconds_ += processor_seconds;
  }

  template <class Work>
  Json measured(const RecipeCell& cell, std::uint64_t seed, const std::string& piece,
                const Json& prepared, const Json& key, const std::filesystem::path& folder,
                Work work) {
    if (stop_ && stop_()) throw Stopped("stopped");
    make_folder(folder);
    const std::string what = title(cell, piece);
    const auto begin = piece_begin_ = ExperimentClock::now();
    const std::clock_t processor_begin = std::clock();
    const MeasureInput input{
        .options = cell.options,
        .seed = seed,
        .dataset = data_.dataset ? &*data_.dataset : nullptr,
        .place = data_.place,
        .prepared = prepared,
        .folder = folder,
        .threads = threads_,
        .progress =
            [&](const Progress& p) { show(p.text.empty() ? what : what + ", " + p.text, p.done); },
        .stop = [this] { return stop_ && stop_(); }};
    show(what, 0);
    Json result = work(input);
    const double processor_seconds =
        static_cast<double>(std::clock() - processor_begin) / CLOCKS_PER_SEC;
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);  // what was kept to go on
    Json machine = Json::object();
    for (const auto& [name, value] : machine_facts()) machine[name] = value;
    return {{"key", key},
            {"seconds", since(begin)},
            {"processor_seconds", processor_seconds},
            {"threads", threads_.threads()},
            {"machine", machine},
            {"result", std::move(result)}};
  }

  std::string title(const RecipeCell& cell, const std::string& piece) const {
    return recipe_.id + (cell.name.empty() ? "" : ", " + cell.name) + ", " + piece;
  }

  void show(const std::string& text, double share, bool milestone = false) const {
    if (!progress_) return;
    const PiecesLeft& others = running_ == &runs_left_ ? searches_left_ : runs_left_;
    const double spent = share > 0 ? since(piece_begin_) : 0;
    progress_({.text = text,
               .done = std::clamp((worked_ + share) / total_, 0.0, 1.0),
               .seconds_left = running_->seconds(share, spent) + others.seconds(),
               .milestone = milestone});
  }

  const Recipe& recipe_;
  const ExperimentOptions& how_;
  ThreadPool& threads_;
  const ProgressCallback& progress_;
  const StopCallback& stop_;
  std::filesystem::path folder_;
  ClaimData data_;
  double total_ = 1, worked_ = 0, seconds_ = 0, processor_seconds_ = 0;
  std::set<std::string> threads_used_;
  std::map<std::string, std::set<std::string>> machines_;  ///< values of what machine_facts() names
  PiecesLeft searches_left_{0, 0}, runs_left_{0, 0};
  PiecesLeft* running_ = &runs_left_;  ///< the kind of the piece that is worked on
  ExperimentClock::time_point piece_begin_;
};

}  // namespace

report::LabResult run_recipe(const Recipe& recipe, const ExperimentOptions& how,
                             ThreadPool& threads, const ProgressCallback& progress,
                             const StopCallback& stop) {
  check_cells(recipe, how.full);
  report::LabResult result = Experiment(recipe, how, threads, progress, stop).run();
  const FileLock turn = writing_in(how.out);
  make_folder(how.out / recipe.id);
  write_file(how.out / recipe.id / "result.json", report::to_json(result));
  return result;
}

std::vector<report::LabResult> results_in(const std::filesystem::path& out,
                                          const Unreadable& unreadable) {
  std::vector<report::LabResult> all;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(out, ignored)) {
    const auto file = entry.path() / "result.json";
    if (!std::filesystem::exists(file, ignored)) continue;
    try {
      all.push_back(report::lab_result_from_json(read_file(file)));
    } catch (const Error& error) {
      if (unreadable)
        unreadable(concat("'", file.string(), "' is left out: ", error.what(),
                          "; delete it, or run the claim again"));
    }
  }
  const auto place = [](const report::LabResult& result) {
    const auto& known = recipes();
    const auto at = std::ranges::find(known, result.id, &Recipe::id) - known.begin();
    return std::pair(at, result.id);
  };
  std::ranges::sort(all, {}, place);
  return all;
}

void write_pages(const std::vector<report::LabResult>& results, const std::filesystem::path& out) {
  make_folder(out);
  for (const report::LabResult& result : results)
    write_file(out / (result.id + ".html"), report::to_html(result, "index.html"));
  write_file(out / "index.html", report::overview_html(results));
}

std::vector<report::LabResult> renew_pages(const std::filesystem::path& out,
                                           const Unreadable& unreadable) {
  if (!std::filesystem::is_directory(out)) return {};
  const FileLock turn = writing_in(out);
  std::vector<report::LabResult> results = results_in(out, unreadable);
  if (!results.empty()) write_pages(results, out);
  return results;
}

}  // namespace rectify::lab
