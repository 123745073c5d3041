#include "rectify/report/lab.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/text.h"
#include "rectify/report/format.h"
#include "rectify/report/page_parts.h"

namespace rectify::report {

namespace {

/// How the claims by one account come out that count.
std::vector<Standing> standings(const LabResult& result, std::optional<Voice> Claim::*voice) {
  std::vector<Standing> differences, all;
  for (const Claim& claim : result.claims) {
    const std::optional<Voice>& one = claim.*voice;
    if (!one) continue;
    all.push_back(one->standing);
    if (!one->absolute) differences.push_back(one->standing);
  }
  return result.stand_in.empty() || differences.empty() ? all : differences;
}

}  // namespace

std::optional<Standing> standing_of(const LabResult& result, std::optional<Voice> Claim::*voice) {
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
  const std::vector<Standing> all = standings(result, voice);
  if (all.empty()) return std::nullopt;
  return std::ranges::max(all, {}, weight);
}

std::string tally_text(const LabResult& result, std::optional<Voice> Claim::*voice) {
  const std::vector<Standing> all = standings(result, voice);
  const auto hold = std::ranges::count(all, Standing::holds);
  if (all.size() < 2 || hold == std::ssize(all)) return "";
  return concat(hold == 0 ? "none" : std::to_string(hold), " of ", all.size(), " rows",
                hold == 1 || hold == 0 ? " holds" : " hold");
}

std::string area_text(const LabResult& result) {
  return result.area.empty() ? "Own recipes" : result.area;
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
                ". Such a run has no units to count, and its errors are those of its best epoch "
                "before, if there was one.");
}

}  // namespace rectify::report
