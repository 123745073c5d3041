#include "rectify/lab/judged_claims.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/lab/expression.h"

namespace rectify::lab {

namespace {

/// NaN where the run has no figure of that name.
double figure_of(const report::LabRun& run, const std::string& name) {
  const auto found =
      std::ranges::find(run.figures, name, [](const auto& figure) { return figure.first; });
  return found == run.figures.end() ? std::nan("") : found->second;
}

/// What the runs with the k-th seed found, of every cell that is meant: a mean of all cells is not
/// that of those which have the figure.
std::vector<double> figures_of(const std::vector<report::LabCell>& cells, std::size_t k,
                               const std::string& figure, const std::string& pattern) {
  std::vector<double> found;
  for (const report::LabCell& cell : cells)
    if (means_cell(pattern, cell.name))
      found.push_back(k < cell.runs.size() ? figure_of(cell.runs[k], figure) : std::nan(""));
  return found;
}

report::Voice voice_of(const Said& said, const Sample& sample, bool stand_in,
                       const std::string& unit, const std::string& missing) {
  const Assessment assessment = assess(said, sample, stand_in, unit, missing);
  return {.source = said.by,
          .claimed = said.text(unit),
          .figure = said.figure,
          .doubtful = said.doubtful,
          .absolute = said.absolute,
          .standing = assessment.standing,
          .reason = assessment.reason};
}

/// Where a recipe names a figure, or a series, of some cells.
struct Mention {
  std::string name, pattern, where;
  bool is_series = false;
};

std::vector<Mention> mentions_of(const RecipeClaim& claim) {
  std::vector<Mention> all;
  evaluate(claim.measured, [&](const std::string& figure, const std::string& pattern) {
    all.push_back({figure, pattern, "the claim '" + claim.measured + "'"});
    return std::vector<double>();
  });
  return all;
}

std::vector<Mention> mentions_of(const Recipe& recipe) {
  std::vector<Mention> all;
  for (const RecipeClaim& claim : recipe.claims) {
    const std::vector<Mention> some = mentions_of(claim);
    all.insert(all.end(), some.begin(), some.end());
  }
  for (const report::LabPlot& plot : recipe.plots) {
    const bool is_series = plot.figure.empty();
    all.push_back(
        {is_series ? plot.series : plot.figure, "*", "the plot '" + plot.title + "'", is_series});
  }
  return all;
}

bool has_diverged(const report::LabRun& run) { return figure_of(run, "diverged") == 1; }

/// Whether a training with the k-th seed went non-finite, so that a figure is no number.
bool broke(const std::vector<Mention>& mentions, const std::vector<report::LabCell>& cells,
           std::size_t k) {
  for (const Mention& mention : mentions)
    for (const report::LabCell& cell : cells)
      if (means_cell(mention.pattern, cell.name) && k < cell.runs.size() &&
          has_diverged(cell.runs[k]) && !std::isfinite(figure_of(cell.runs[k], mention.name)))
        return true;
  return false;
}

/// "seed 2", "seeds 1 and 3".
std::string seeds_text(const std::vector<std::string>& seeds) {
  return (seeds.size() == 1 ? "seed " : "seeds ") + listed(seeds);
}

/// Why a claim's values, one a seed, are not all numbers; empty where they are.
std::string why_missing(const RecipeClaim& claim, const std::vector<report::LabCell>& cells,
                        const std::vector<double>& values) {
  const std::vector<Mention> mentions = mentions_of(claim);
  for (const Mention& mention : mentions)
    if (std::ranges::none_of(
            cells, [&](const auto& cell) { return means_cell(mention.pattern, cell.name); }))
      return concat("this mode has no cell '", mention.pattern, "'");
  std::vector<std::string> broken, others;
  for (std::size_t k = 0; k < values.size(); ++k)
    if (!std::isfinite(values[k]))
      (broke(mentions, cells, k) ? broken : others)
          .push_back(std::to_string(cells.front().runs[k].seed));
  std::string why;
  if (!broken.empty()) why = "training went non-finite with " + seeds_text(broken);
  if (!others.empty())
    why += concat(why.empty() ? "" : "; ", "no number with ", seeds_text(others),
                  ": not reached, or a division by 0 or the like");
  return why;
}

std::vector<double> values_of(const RecipeClaim& claim, const std::vector<report::LabCell>& cells) {
  std::vector<double> values;
  const std::size_t seeds = cells.empty() ? 0 : cells.front().runs.size();
  for (std::size_t k = 0; k < seeds; ++k)
    values.push_back(evaluate(claim.measured, [&](const auto& figure, const auto& pattern) {
      return figures_of(cells, k, figure, pattern);
    }));
  return values;
}

/// A plot's series that ends in `*` is a beginning.
bool is_among(const Mention& mention, const std::set<std::string>& known) {
  if (!mention.is_series || !mention.name.ends_with('*')) return known.contains(mention.name);
  const std::string beginning = mention.name.substr(0, mention.name.size() - 1);
  return std::ranges::any_of(known, [&](const auto& name) { return name.starts_with(beginning); });
}

/// The names of a run's figures, or of its series.
std::set<std::string> names_in(const report::LabRun& run, bool of_series) {
  std::set<std::string> names;
  if (of_series)
    for (const report::LabSeries& series : run.series) names.insert(series.name);
  else
    for (const auto& [name, value] : run.figures) names.insert(name);
  return names;
}

}  // namespace

std::vector<report::Claim> judge_claims(const Recipe& recipe,
                                        const std::vector<report::LabCell>& cells, bool stand_in) {
  std::vector<report::Claim> all;
  for (const RecipeClaim& claim : recipe.claims) {
    const Sample sample(values_of(claim, cells), recipe.measure->exact);
    const std::string missing = why_missing(claim, cells, sample.values);
    report::Claim out{.text = claim.text,
                      .measured = claim.measured,
                      .unit = claim.unit,
                      .exact = sample.exact,
                      .values = sample.values,
                      .mean = sample.mean,
                      .low = sample.low,
                      .high = sample.high};
    const std::string unit = claim.unit.empty() ? "" : " " + claim.unit;
    if (claim.article) out.article = voice_of(*claim.article, sample, stand_in, unit, missing);
    if (claim.paper) out.paper = voice_of(*claim.paper, sample, stand_in, unit, missing);
    all.push_back(std::move(out));
  }
  return all;
}

void check_figures(const Recipe& recipe, const std::vector<RecipeCell>& cells,
                   const std::vector<report::LabCell>& measured) {
  for (const Mention& mention : mentions_of(recipe)) {
    const auto meant = [&](const auto& cell) { return means_cell(mention.pattern, cell.name); };
    std::set<std::string> known;
    std::ptrdiff_t finite = 0;
    for (const report::LabCell& cell : measured) {
      if (!meant(cell) || cell.runs.empty() || has_diverged(cell.runs.front())) continue;
      ++finite;
      known.merge(names_in(cell.runs.front(), mention.is_series));
    }
    const bool measured_all = finite > 0 && finite == std::ranges::count_if(cells, meant);
    if (!measured_all || is_among(mention, known)) continue;
    fail("recipe '", recipe.id, "': ", mention.where, " is about the ",
         mention.is_series ? "series '" : "figure '", mention.name, "', which '",
         recipe.measure->name, "' did not measure",
         suggestion(mention.name, std::vector<std::string>(known.begin(), known.end())));
  }
}

}  // namespace rectify::lab
