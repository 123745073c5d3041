#include "rectify/lab/judged_claims.h"

#include <algorithm>
#include <set>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/lab/expression.h"

namespace rectify::lab {

namespace {

/// What the run with the k-th seed found.
std::vector<double> figures_of(const std::vector<report::LabCell>& cells, std::size_t k,
                               const std::string& figure, const std::string& pattern) {
  std::vector<double> found;
  for (const report::LabCell& cell : cells) {
    if (!means_cell(pattern, cell.name) || k >= cell.runs.size()) continue;
    for (const auto& [name, value] : cell.runs[k].figures)
      if (name == figure) found.push_back(value);
  }
  return found;
}

report::Voice voice_of(const Said& said, const Sample& sample, bool stand_in,
                       const std::string& unit) {
  const Assessment assessment = assess(said, sample, stand_in, unit);
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

std::vector<Mention> mentions_of(const Recipe& recipe) {
  std::vector<Mention> all;
  for (const RecipeClaim& claim : recipe.claims)
    evaluate(claim.measured, [&](const std::string& figure, const std::string& pattern) {
      all.push_back({figure, pattern, "the claim '" + claim.measured + "'"});
      return std::vector<double>();
    });
  for (const report::LabPlot& plot : recipe.plots) {
    const bool is_series = plot.figure.empty();
    all.push_back({is_series ? plot.series : plot.figure, "*", "the plot '" + plot.title + "'",
                   is_series});
  }
  return all;
}

bool has_diverged(const report::LabRun& run) {
  return std::ranges::find(run.figures, std::pair<std::string, double>("diverged", 1)) !=
         run.figures.end();
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
  const std::size_t seeds = cells.empty() ? 0 : cells.front().runs.size();
  for (const RecipeClaim& claim : recipe.claims) {
    std::vector<double> values;
    for (std::size_t k = 0; k < seeds; ++k)
      values.push_back(evaluate(claim.measured, [&](const auto& figure, const auto& pattern) {
        return figures_of(cells, k, figure, pattern);
      }));
    const Sample sample(values, recipe.measure->exact);
    report::Claim out{.text = claim.text,
                      .measured = claim.measured,
                      .unit = claim.unit,
                      .exact = sample.exact,
                      .values = sample.values,
                      .mean = sample.mean,
                      .low = sample.low,
                      .high = sample.high};
    const std::string unit = claim.unit.empty() ? "" : " " + claim.unit;
    if (claim.article) out.article = voice_of(*claim.article, sample, stand_in, unit);
    if (claim.paper) out.paper = voice_of(*claim.paper, sample, stand_in, unit);
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
