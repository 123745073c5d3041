#include "rectify/lab/cell_training.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/text.h"
#include "rectify/lab/kept.h"
#include "rectify/lab/stopped.h"
#include "rectify/train/option_table.h"

namespace rectify::lab {

namespace {

/// Changes options by their names in JSON.
train::Options with_members(const train::Options& options, const Json& members) {
  Json all = Json::parse(train::complete_json(options));
  std::vector<std::string> known;
  for (const auto& [name, value] : all.members()) known.push_back(name);
  for (const auto& [name, value] : members.members()) {
    if (!all.contains(name))
      fail("there is no option of training '", name, "'", suggestion(name, known));
    all[name] = value;
  }
  train::Options changed = train::options_from_json(all.dump());
  train::check(changed);
  return changed;
}

/// Whether a class that the split has is missing in its first `wanted` samples: folders of pictures
/// are read class by class.
bool is_sorted_by_class(const data::Split& split, std::size_t wanted) {
  if (split.labels.size() != split.count) return false;
  const auto middle = split.labels.begin() + static_cast<std::ptrdiff_t>(wanted);
  const std::set<std::int32_t> first(split.labels.begin(), middle);
  return std::any_of(middle, split.labels.end(),
                     [&](auto label) { return !first.contains(label); });
}

/// `count` of a split's samples: the first, or samples at equal distances.
data::Split some_of(const data::Split& split, std::int64_t count) {
  const auto wanted = static_cast<std::size_t>(count);
  if (count == 0 || wanted >= split.count) return split;
  const bool spread = is_sorted_by_class(split, wanted);
  data::Split part{.count = wanted};
  const auto cut = [&](const auto& all) {
    const auto width = static_cast<std::ptrdiff_t>(all.size() / split.count);
    std::remove_cvref_t<decltype(all)> some;
    for (std::size_t i = 0; i < wanted; ++i) {
      const auto from = static_cast<std::ptrdiff_t>(spread ? i * split.count / wanted : i) * width;
      some.insert(some.end(), all.begin() + from, all.begin() + from + width);
    }
    return some;
  };
  part.bytes = cut(split.bytes);
  part.values = cut(split.values);
  part.labels = cut(split.labels);
  part.targets = cut(split.targets);
  return part;
}

/// A recipe's `search`.
struct Asked {
  bool rates = false;
  double factor = SearchPlan::usual_factor;  ///< between neighbouring rates
  int epochs = 0;                            ///< of a trial; 0: a fifth of the run's
  std::vector<std::pair<std::string, Json>> lists;
  double trials = 0;  ///< about how many; a search of rates may take more

  explicit Asked(const Json& asked) {
    for (const auto& [name, value] : asked.members()) {
      try {
        take(name, value);
      } catch (const Error& error) {
        fail("search, ", name, ": ", error.what());
      }
    }
  }

 private:
  void take(const std::string& name, const Json& value) {
    static const std::vector<std::string> single = {"lr", "rate_factor", "trial_epochs"};
    if (name == "lr") {
      rates = value.get<bool>();
      trials += rates ? 4 : 0;
    } else if (name == "rate_factor") {
      factor = value.get<double>();
      if (!(factor > 1)) fail("give more than 1, not ", factor);
    } else if (name == "trial_epochs") {
      epochs = value.get<int>();
      if (epochs < 1) fail("give at least 1, not ", epochs);
    } else {
      // What changes how a trial is judged, or what every trial sets itself, cannot be chosen by
      // it.
      static const std::vector<std::string> yardsticks = {
          "epochs",        "patience", "seed",          "validation", "split_seed",
          "class_weights", "certify",  "certify_share", "data",       "loss"};
      if (std::ranges::count(yardsticks, name) > 0)
        fail("it cannot be searched: trials would be judged by different measures, or not differ");
      if (!value.is_array()) fail("give a list of values to try", suggestion(name, single));
      lists.emplace_back(name, value);
      trials += value.size() > 1 ? static_cast<double>(value.size()) : 0;
    }
  }
};

/// A search of one cell, trial by trial.
class CellSearch {
 public:
  CellSearch(const Asked& asked, const train::Options& base, const data::Dataset& dataset,
             const MeasureInput& input)
      : plan_(base, dataset, asked.factor),
        dataset_(dataset),
        input_(input),
        expected_(std::max(1.0, asked.trials)) {
    if (asked.epochs > 0) plan_.epochs = std::min(asked.epochs, base.epochs);
  }

  const SearchPlan& plan() const { return plan_; }

  TrialOutcome try_out(const train::Options& options, const std::string& name) {
    const train::Options trial = trial_options(options, plan_, options.lr);
    const TrialOutcome outcome = judge(plan_.judging, trial, dataset_, [&](const Fold& fold) {
      return kept_trial(input_.folder / (name + "-" + fold.name + ".json"), [&] {
        return run_trial(
            trial, dataset_, fold, input_.threads, [&](const Progress& p) { show(name, p.done); },
            input_.stop);
      });
    });
    done_ += 1;
    return outcome;
  }

 private:
  void show(const std::string& name, double share) const {
    input_.progress({.text = "trying " + name, .done = std::min(1.0, (done_ + share) / expected_)});
  }

  SearchPlan plan_;
  const data::Dataset& dataset_;
  const MeasureInput& input_;
  double expected_, done_ = 0;
};

}  // namespace

train::Options training_options(const Json& table, const std::string& model, std::uint64_t seed) {
  train::Options options;
  options.model = model;
  options = with_members(options, table);
  options.seed = seed;
  return options;
}

void check_training(const Json& options) {
  const auto model = options.at("model").get<std::string>();
  const train::Options base = training_options(options.at("train"), model, 0);
  graph::parse_model(model);
  if (!options.contains("search")) return;
  const Asked asked(options.at("search"));
  for (const auto& [name, values] : asked.lists)
    for (const Json& value : values) with_members(base, Json::object({{name, value}}));
}

train::Options with_chosen(train::Options options, const Json& chosen) {
  Json members = Json::object();
  for (const auto& [name, value] : chosen.members())
    if (value.is_number() || value.is_text()) members[name] = value;
  return with_members(options, members);
}

data::Dataset first_samples(const data::Dataset& dataset, std::int64_t train, std::int64_t test) {
  data::Dataset part;
  part.spec = dataset.spec;
  part.sample_shape = dataset.sample_shape;
  part.class_names = dataset.class_names;
  part.label_width = dataset.label_width;
  part.ids = dataset.ids;
  part.target_width = dataset.target_width;
  part.columns = dataset.columns;
  part.table = dataset.table;
  part.train = some_of(dataset.train, train);
  part.test = some_of(dataset.test, test);
  return part;
}

Json searched(const Json& table, train::Options base, const data::Dataset& dataset,
              const MeasureInput& input) {
  Json chosen = Json::object();
  const Asked asked(table);
  if (!asked.rates && asked.lists.empty()) return chosen;
  CellSearch search(asked, base, dataset, input);
  if (asked.rates) {
    try {
      const SearchResult found = search_rate(search.plan(), [&](double rate) {
        base.lr = rate;
        return search.try_out(base, "lr");
      });
      base.lr = found.lr;
      chosen["lr"] = found.lr;
    } catch (const NothingTrains&) {
      chosen["lr"] = nullptr;
      return chosen;
    }
  }
  for (const auto& [name, values] : asked.lists) {
    if (values.size() == 1) {  // nothing to choose
      base = with_members(base, Json::object({{name, values.at(0)}}));
      chosen[name] = values.at(0);
      continue;
    }
    double lowest = std::numeric_limits<double>::infinity();
    train::Options best = base;
    for (const Json& value : values) {
      const train::Options options = with_members(base, Json::object({{name, value}}));
      const double error = search.try_out(options, concat(name, "=", value.dump())).error;
      if (!(error < lowest)) continue;  // of equal ones the first
      lowest = error;
      best = options;
      chosen[name] = value;
    }
    base = best;
  }
  return chosen;
}

Training train_to_the_end(train::Trainer& trainer, const MeasureInput& input,
                          const Enough& enough) {
  Training end;
  try {
    while (!trainer.finished()) {
      if (!trainer.train_epoch(input.progress, input.stop)) throw Stopped("stopped");
      if (enough && enough(trainer.history().back())) break;
    }
  } catch (const train::NonFinite&) {
    end.finite = false;
  }
  for (const train::EpochRecord& epoch : trainer.history()) end.seconds += epoch.seconds;
  return end;
}

double converged_epoch(const std::vector<train::EpochRecord>& history, double simplest) {
  const auto lowest = std::ranges::min_element(history, {}, &train::EpochRecord::validation_error);
  if (lowest == history.end() || !(lowest->validation_error < 0.9 * simplest))
    return std::numeric_limits<double>::quiet_NaN();
  const auto first = std::ranges::find_if(history, [&](const train::EpochRecord& epoch) {
    return epoch.validation_error <= lowest->validation_error + 0.001;
  });
  return first->epoch;
}

double epochs_to(const std::vector<train::EpochRecord>& history, double error) {
  const auto first = std::ranges::find_if(
      history, [&](const train::EpochRecord& epoch) { return epoch.train_error <= error; });
  return first == history.end() ? std::numeric_limits<double>::quiet_NaN() : first->epoch;
}

}  // namespace rectify::lab
