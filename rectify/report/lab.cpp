#include "rectify/report/lab.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/text.h"
#include "rectify/report/format.h"
#include "rectify/report/page_parts.h"

namespace rectify::report {

std::optional<Standing> standing_of(const LabResult& result, std::optional<Voice> Claim::*voice) {
  std::optional<Standing> all;
  // The order of the enumeration is not that of weight: one claim that fails decides.
  const auto weight = [](Standing s) {
    switch (s) {
      case Standing::holds:
        return 0;
      case Standing::direction_only:
        return 1;
      case Standing::cannot_be_told:
        return 2;
      case Standing::does_not_hold:
        break;
    }
    return 3;
  };
  for (const Claim& claim : result.claims) {
    if (!(claim.*voice)) continue;
    const Standing one = (claim.*voice)->standing;
    if (!all || weight(one) > weight(*all)) all = one;
  }
  return all;
}

std::string accounts_text(const std::string& by) {
  static const std::pair<char, const char*> all[] = {
      {'A', "an article on Nair & Hinton 2010"},
      {'B', "a textbook's chapter on ReLU"},
      {'C', "a long article on Glorot, Bordes & Bengio 2011"},
      {'D', "a note card"},
      {'E', "a worked blog post"},
      {'P', "the original paper"},
      {'O', "the wider literature"}};
  std::string text;
  for (const auto& [letter, words] : all)
    if (by.find(letter) != std::string::npos)
      text += concat(text.empty() ? "" : "; ", letter, ": ", words);
  return text.empty() ? by : text;
}

std::string measured_text(const Claim& claim) {
  if (!std::isfinite(claim.mean)) return std::string(no_figure);
  const std::string unit = claim.unit.empty() ? "" : " " + claim.unit;
  const double reach = (claim.high - claim.low) / 2;
  if (claim.exact || !std::isfinite(reach) || reach == 0)
    return significant_text(claim.mean, 4) + unit;
  // Two digits of the reach say as much as there is to say.
  const int decimals = 1 - static_cast<int>(std::floor(std::log10(reach)));
  if (decimals < 0 || decimals > 6)
    return concat(significant_text(claim.mean, 4), " (", significant_text(claim.low, 4), " to ",
                  significant_text(claim.high, 4), ")", unit);
  return concat(fixed_text(claim.mean, decimals), " (", fixed_text(claim.low, decimals), " to ",
                fixed_text(claim.high, decimals), ")", unit);
}

std::string diverged_text(const LabResult& result) {
  std::string cells;
  for (const LabCell& cell : result.cells) {
    const auto diverged = std::ranges::count_if(cell.runs, [](const LabRun& run) {
      return std::ranges::count(run.figures, std::pair<std::string, double>("diverged", 1)) > 0;
    });
    if (diverged == 0) continue;
    cells += concat(cells.empty() ? "" : "; ", cell.name.empty() ? "all" : cell.name, " (",
                    diverged, " of ", plural(cell.runs.size(), "run"), ")");
  }
  if (cells.empty()) return "";
  return concat("Training went non-finite and ended there: ", cells,
                ". What was measured in these runs was so before the step that broke them.");
}

}  // namespace rectify::report
