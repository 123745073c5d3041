#include "rectify/lab/compare.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>

#include "rectify/activation/activation.h"
#include "rectify/base/enumeration.h"
#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/selection.h"
#include "rectify/graph/text.h"
#include "rectify/lab/kept.h"
#include "rectify/lab/pretraining.h"
#include "rectify/lab/run_result.h"
#include "rectify/lab/search.h"
#include "rectify/lab/statistics.h"
#include "rectify/lab/stopped.h"
#include "rectify/lab/summary.h"
#include "rectify/lab/winner.h"
#include "rectify/model/loss.h"
#include "rectify/model/model.h"
#include "rectify/pretrain/stack.h"
#include "rectify/report/format.h"
#include "rectify/train/fit.h"

namespace rectify::lab {

namespace {

std::string model_of(const CompareOptions& options, const std::string& activation,
                     const data::Dataset& dataset) {
  if (!options.model.empty())
    return graph::text_with_activation(graph::parse_model(options.model), activation);
  const std::string dropout =
      options.dropout > 0 ? " | dropout " + number_text(options.dropout) : std::string();
  const auto outputs = static_cast<std::int64_t>(
      dataset.classes() > 0 ? dataset.classes() : static_cast<std::size_t>(dataset.target_width));
  return graph::mlp_text(Shape{static_cast<std::int64_t>(dataset.features())}, options.hidden,
                         activation + dropout, outputs);
}

/// Turns the progress of single runs into the progress of the comparison, and estimates the time
/// left from the epochs that are done. The epochs of searches count like any other.
class Meter {
 public:
  Meter(const ProgressCallback& callback, double total_epochs)
      : callback_(callback), total_(total_epochs), start_(std::chrono::steady_clock::now()) {}

  /// The progress callback for one run of `epochs` epochs, called `title`.
  ProgressCallback run(const std::string& title, double epochs) {
    return [this, title, epochs](const Progress& p) {
      if (!callback_) return;
      show(title + ", " + p.text, worked_ + p.done * epochs, false);
    };
  }
  void count(double epochs) { worked_ += epochs; }
  void finish(double epochs, const std::string& line) {
    worked_ += epochs;
    if (callback_) show(line, worked_, true);
  }
  /// Counts work that an earlier process did and that takes no time now.
  void skip(double epochs) {
    worked_ += epochs;
    skipped_ += epochs;
  }
  /// Corrects the total for work that is more, or less, than was planned.
  void add_total(double epochs) { total_ += epochs; }

 private:
  void show(const std::string& text, double worked, bool milestone) {
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    const double fresh = worked - skipped_;
    const double left = fresh > 0.2 ? seconds / fresh * std::max(0.0, total_ - worked) : -1;
    callback_({.text = text,
               .done = std::min(1.0, worked / total_),
               .seconds_left = left,
               .milestone = milestone});
  }

  const ProgressCallback& callback_;
  double total_, worked_ = 0, skipped_ = 0;
  std::chrono::steady_clock::time_point start_;
};

/// The comparison's work, piece by piece, each piece kept in a file of its own.
class Work {
 public:
  Work(const CompareOptions& options, const data::Dataset& dataset,
       const std::filesystem::path& folder, ThreadPool& threads, const ProgressCallback& progress,
       const StopCallback& stop)
      : options_(options),
        penalties_(penalties_of(options)),
        plan_(options.train, dataset),
        dataset_(dataset),
        runs_(folder / "runs"),
        threads_(threads),
        stop_(stop),
        meter_(progress, planned_epochs()) {
    keep_setting(runs_, dataset);
    if (options_.search && plan_.judging.folds > 1) meter_.finish(0, plan_.judging.text());
  }

  /// One activation, started in one way, with one penalty on its outputs.
  ActivationRuns of(const std::string& activation, const std::string& pretraining, double l1) {
    std::string name = pretraining == "none" ? activation : activation + " + " + pretraining;
    if (penalties_.size() > 1) name += " l1=" + number_text(l1);
    ActivationRuns runs{.name = name, .model = model_of(options_, activation, dataset_)};
    const std::string stack =
        pretraining == "none" ? "" : stack_for(pretraining, activation, options_.hidden);
    train::Options base = options_.train;
    base.model = runs.model;
    base.l1 = l1;
    runs.search = {.lr = base.lr, .trials = {}};
    try {
      if (options_.search) {
        start(name, stack, base);
        runs.search = search(name, base);
      }
    } catch (const NothingTrains& error) {
      return without_rate(std::move(runs), error.what());
    } catch (const train::NonFinite& error) {
      return without_rate(std::move(runs), concat("pretraining: ", error.what()));
    }
    base.lr = runs.search.lr;
    for (int seed = 1; seed <= options_.seeds; ++seed) {
      base.seed = static_cast<std::uint64_t>(seed);
      runs.seeds.push_back(run_from_the_start(name, stack, base));
    }
    return runs;
  }

 private:
  static ActivationRuns without_rate(ActivationRuns runs, const std::string& trouble) {
    runs.search.lr = std::nan("");
    runs.seeds.push_back({.finite = false, .trouble = trouble});
    return runs;
  }

  RunResult run_from_the_start(const std::string& name, const std::string& stack,
                               train::Options& options) {
    double seconds = 0;
    try {
      seconds = start(name, stack, options);
    } catch (const train::NonFinite& error) {
      return {.finite = false, .trouble = concat("pretraining: ", error.what())};
    }
    return run(name, options, seconds);
  }

  /// Makes a run start from pretrained layers, unless the stack is empty. Returns the seconds that
  /// these took.
  double start(const std::string& name, const std::string& stack, train::Options& options) {
    if (stack.empty()) return 0;
    const auto file = run_file(runs_, name, options.seed, "-pretrained.safetensors");
    const double epochs = pretraining_epochs();
    const bool fresh = !std::filesystem::exists(file);
    const Pretrained layers = pretrained(
        stack, options_.pretraining_epochs, options, dataset_, file, threads_,
        meter_.run(concat("pretraining ", name, ", seed ", options.seed), epochs), stop_);
    fresh ? meter_.finish(epochs, concat("pretrained ", name, ", seed ", options.seed, ": ",
                                         fixed_text(layers.seconds, 1), " s"))
          : meter_.skip(0);
    options.weights = layers.weights.string();
    return layers.seconds;
  }

  double pretraining_epochs() const {
    return static_cast<double>(options_.hidden.size()) * options_.pretraining_epochs;
  }

  double planned_epochs() const {
    const double search =
        options_.search ? static_cast<double>(plan_.grid.size()) * plan_.epochs_a_rate() : 0;
    const auto begun = static_cast<double>(std::ranges::count_if(
        options_.pretraining, [](const auto& name) { return name != "none"; }));
    return static_cast<double>(options_.activations.size() * penalties_.size()) *
           (static_cast<double>(options_.pretraining.size()) *
                (search + static_cast<double>(options_.seeds) * options_.train.epochs) +
            begun * options_.seeds * pretraining_epochs());
  }

  SearchResult search(const std::string& activation, const train::Options& base) {
    std::size_t tried = 0;
    SearchResult found = search_rate(plan_, [&](double rate) {
      if (++tried > plan_.grid.size()) meter_.add_total(plan_.epochs_a_rate());
      return try_rate(activation, trial_options(base, plan_, rate));
    });
    return found;
  }

  TrialOutcome try_rate(const std::string& activation, const train::Options& options) {
    const std::string title = activation + ", trying rate ";
    bool fresh = false;
    int trials = 0;
    const TrialOutcome outcome = judge(plan_.judging, options, dataset_, [&](const Fold& fold) {
      const auto file = runs_ / (file_stem(activation) + "-search-" + fold.name + ".json");
      bool now = false;
      const TrialOutcome of_fold = kept_trial(file, [&] {
        now = true;
        return run_trial(options, dataset_, fold, threads_,
                         meter_.run(title + fold.text, options.epochs), stop_);
      });
      now ? meter_.count(options.epochs) : meter_.skip(options.epochs);
      fresh = fresh || now;
      ++trials;
      return of_fold;
    });
    meter_.add_total(trials * options.epochs - plan_.epochs_a_rate());  // one that went non-finite
    if (fresh)
      meter_.finish(0, title + number_text(options.lr) + ": " + text_of(outcome, plan_.judging));
    return outcome;
  }

  RunResult run(const std::string& activation, const train::Options& options,
                double pretraining_seconds) {
    const auto file = run_file(runs_, activation, options.seed, ".json");
    if (std::filesystem::exists(file)) {
      meter_.skip(options.epochs);
      RunResult result = run_result_from_json(read_file(file));
      const graph::Graph network = graph::parse_model(options.model);
      train::label_records(result.history, network);
      add_channels(result, network);
      return result;
    }
    const std::string title = concat(activation, ", seed ", options.seed, " of ", options_.seeds);
    const auto weights = options_.keep == Keep::none
                             ? std::filesystem::path()
                             : run_file(runs_, activation, options.seed, ".safetensors");
    RunResult result =
        run_to_the_end(options, dataset_, threads_, meter_.run(title, options.epochs), stop_,
                       weights, !options_.penalties.empty() && options.seed == 1);
    result.pretraining_seconds = pretraining_seconds;
    write_file(file, to_json(result));
    meter_.finish(
        options.epochs,
        result.finite
            ? concat(title, ": test error ",
                     report::ErrorScale(dataset_.classes() == 0).with_unit(result.test_error),
                     ", best epoch ", result.best_epoch)
            : title + ": " + result.trouble);
    return result;
  }

  const CompareOptions& options_;
  std::vector<double> penalties_;
  SearchPlan plan_;
  const data::Dataset& dataset_;
  std::filesystem::path runs_;
  ThreadPool& threads_;
  const StopCallback& stop_;
  Meter meter_;
};

}  // namespace

std::vector<double> penalties_of(const CompareOptions& options) {
  return options.penalties.empty() ? std::vector<double>{options.train.l1} : options.penalties;
}

train::Options usual_training() {
  train::Options options;
  options.epochs = 10;
  options.init = "auto_normal";
  return options;
}

namespace {

void check_pretraining(const CompareOptions& options) {
  const std::vector<std::string> known = pretraining_names();
  std::set<std::string> seen;
  for (const std::string& name : options.pretraining) {
    if (std::ranges::count(known, name) == 0)
      fail("there is no pretraining '", name, "'", suggestion(name, known));
    if (!seen.insert(name).second) fail("the pretraining '", name, "' is given twice");
    if (name == "none") continue;
    if (!options.model.empty())
      fail("--pretrain is for networks of --hidden; leave --model out, or --pretrain");
    for (const std::string& activation : options.activations)
      pretrain::parse_stack(stack_for(name, activation, options.hidden));
  }
  if (seen.empty()) fail("--pretrain needs one name at least, such as none,rbm");
  if (options.pretraining_epochs < 1 || options.pretraining_epochs > 100000)
    fail("pretrain-epochs must be between 1 and 100000, not ", options.pretraining_epochs);
}

void check_penalties(const CompareOptions& options) {
  if (!options.penalties.empty() && options.train.l1 != 0)
    fail("--sparsity is a list of penalties that --l1 would be one of; leave --l1 out");
  std::set<double> seen;
  for (const double penalty : options.penalties) {
    train::Options one = options.train;
    one.l1 = penalty;
    train::check(one);
    if (!seen.insert(penalty).second)
      fail("the penalty ", number_text(penalty), " of --sparsity is given twice");
  }
}

}  // namespace

void check(const CompareOptions& options) {
  train::check(options.train);
  if (options.activations.empty())
    fail("compare needs one activation at least: --activations relu,tanh");
  std::set<std::string> seen;
  for (const std::string& item : options.activations) {
    const graph::Graph graph = graph::parse_activation(item);  // throws for a bad item
    if (!seen.insert(graph::model_text(graph)).second)
      fail("the activation '", item, "' is given twice");
  }
  if (!(options.dropout >= 0 && options.dropout <= 0.99))
    fail("dropout must be between 0 and 0.99, not ", number_text(options.dropout));
  if (options.model.empty() && options.hidden.empty())
    fail("compare needs one hidden layer at least: --hidden 100");
  if (!options.model.empty() && options.dropout > 0)
    fail("--dropout is for networks of --hidden; write 'dropout ", number_text(options.dropout),
         "' into the text of --model");
  check_pretraining(options);
  check_penalties(options);
  if (options.seeds < 1 || options.seeds > 1000)
    fail("seeds must be between 1 and 1000, not ", options.seeds);
}

void check_with(const CompareOptions& options, const data::Dataset& dataset) {
  for (const std::string& activation : options.activations) {
    const model::Model model(model_of(options, activation, dataset));
    const std::string loss = model::resolve_loss(model.graph, dataset, options.train.loss);
    train::check_fit(options.train, model, dataset, loss);
  }
  data::hold_out(dataset.train, options.train.validation, options.train.split_seed);
}

report::Comparison compare(const CompareOptions& options, const data::Dataset& dataset,
                           const std::filesystem::path& folder, ThreadPool& threads,
                           const ProgressCallback& progress, const StopCallback& stop) {
  check(options);
  check_with(options, dataset);
  Work work(options, dataset, folder, threads, progress, stop);
  std::vector<ActivationRuns> all;
  for (const std::string& activation : options.activations)
    for (const std::string& pretraining : options.pretraining)
      for (const double l1 : penalties_of(options))
        all.push_back(work.of(activation, pretraining, l1));
  report::Comparison comparison = summarise(options, dataset, all, threads.threads());
  if (options.keep != Keep::none) keep_winner(folder, options.keep, all, comparison);
  return comparison;
}

std::string to_json(const CompareOptions& options) {
  return Json({{"activations", options.activations},
               {"model", options.model},
               {"hidden", options.hidden},
               {"dropout", options.dropout},
               {"pretraining", options.pretraining},
               {"pretraining_epochs", options.pretraining_epochs},
               {"penalties", options.penalties},
               {"seeds", options.seeds},
               {"search", options.search},
               {"train", Json::parse(train::to_json(options.train))},
               {"command", options.command},
               {"keep", name_of(options.keep)}})
      .dump(2);
}

CompareOptions compare_options_from_json(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    return {.activations = json.at("activations").get<std::vector<std::string>>(),
            .model = json.contains("model") ? json.at("model").get<std::string>()
                                            : "",  // older files have none
            .hidden = json.at("hidden").get<std::vector<std::int64_t>>(),
            .dropout = json.at("dropout").get<double>(),
            .pretraining = json.contains("pretraining")  // older files have none
                               ? json.at("pretraining").get<std::vector<std::string>>()
                               : std::vector<std::string>{"none"},
            .pretraining_epochs =
                json.contains("pretraining_epochs") ? json.at("pretraining_epochs").get<int>() : 10,
            .penalties = json.contains("penalties")  // as above
                             ? json.at("penalties").get<std::vector<double>>()
                             : std::vector<double>(),
            .seeds = json.at("seeds").get<int>(),
            .search = json.at("search").get<bool>(),
            .train = train::options_from_json(json.at("train").dump()),
            .command = json.at("command").get<std::string>(),
            .keep = json.contains("keep")  // older files have none
                        ? parse_name<Keep>("keep", json.at("keep").get<std::string>())
                        : Keep::none};
  } catch (const JsonError& error) {
    fail("the saved comparison cannot be read: ", error.what());
  }
}

}  // namespace rectify::lab
