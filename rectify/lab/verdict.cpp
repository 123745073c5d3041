#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/lab/compare.h"
#include "rectify/lab/statistics.h"
#include "rectify/report/format.h"

namespace rectify::lab {

namespace {

/// "0.003", "0.25", "below 0.0001".
std::string p_text(double p) {
  if (p < 1e-4) return "p below 0.0001";
  return "p " + fixed_text(p, p < 0.01 ? 4 : p < 0.1 ? 3 : 2);
}

/// "0.31 points (95 % interval 0.12 to 0.50, p 0.004)". Where several are compared, level and p are
/// corrected in the same way, so that they never disagree.
std::string points(const PairedDifference& d, const report::ErrorScale& scale) {
  const double level = 100 * d.level;
  return concat(scale.difference(d.mean), scale.difference_unit(), " (",
                fixed_text(level, level == std::round(level) ? 0 : 1), " % interval ",
                scale.difference(d.low), " to ", scale.difference(d.high), ", ", p_text(d.p), ")");
}

}  // namespace

std::string verdict(const std::vector<report::ActivationResult>& results, bool regression) {
  const report::ErrorScale scale(regression);
  std::vector<const report::ActivationResult*> ranked;
  for (const report::ActivationResult& result : results)
    if (result.test_error.values.size() >= 3) ranked.push_back(&result);
  if (ranked.size() < 2) return {};
  std::ranges::stable_sort(ranked, {}, [](const auto* r) { return r->test_error.mean; });
  const report::ActivationResult& best = *ranked[0];
  const std::size_t seeds = best.test_error.values.size();
  std::vector<std::vector<double>> rivals;
  for (std::size_t i = 1; i < ranked.size(); ++i) rivals.push_back(ranked[i]->test_error.values);
  const std::vector<PairedDifference> differences =
      corrected_differences(best.test_error.values, rivals);
  std::vector<std::string> beaten, equal;
  for (std::size_t i = 0; i < differences.size(); ++i)
    (differences[i].p < 0.05 ? beaten : equal).push_back(ranked[i + 1]->name);
  const std::string error = scale.with_unit(best.test_error.mean);
  const std::string opening = concat(best.name, " has the lowest test error, ", error);
  const std::string paired =
      concat("paired over ", seeds, " seeds", differences.size() > 1 ? ", Holm-corrected" : "");
  constexpr double rounding = 1e-12;
  std::vector<std::string> tied = {best.name};
  for (std::size_t i = 0; i < differences.size(); ++i)
    if (std::abs(differences[i].mean) < rounding) tied.push_back(ranked[i + 1]->name);
  if (beaten.empty() && tied.size() > 1)
    return concat(listed(tied), " have the same test error, ", error,
                  ", and no difference exceeds the spread between seeds (", paired, ").");
  if (beaten.empty())
    return concat(opening, ", but its lead over ", listed(equal),
                  " does not exceed the spread between seeds (", paired, "; over ", ranked[1]->name,
                  " it is ", points(differences[0], scale), ").");
  const auto first = static_cast<std::size_t>(
      std::ranges::find_if(differences, [](const auto& d) { return d.p < 0.05; }) -
      differences.begin());
  std::string text = concat(
      opening, "; its lead over ", listed(beaten), " exceeds the spread between seeds (", paired,
      "; over ", ranked[first + 1]->name, " it is ", points(differences[first], scale), ")");
  if (!equal.empty()) text += ", its lead over " + listed(equal) + " does not";
  return text + ".";
}

}  // namespace rectify::lab
