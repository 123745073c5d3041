#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rectify/base/json.h"
#include "rectify/report/comparison.h"

/// The results of the lab: a claim about rectifiers beside what was measured.
namespace rectify::report {

/// How a claim comes out.
enum class Standing { holds, direction_only, does_not_hold, cannot_be_told };
constexpr std::array<std::string_view, 4> names_of(Standing) {
  return {"holds", "holds in direction but not in size", "does not hold", "cannot be told"};
}

/// What an account claims of a measured number, and how that comes out.
struct Voice {
  std::string source;     ///< "C"; "Glorot et al. 2011, table 1"
  std::string claimed;    ///< "above 0, by 0.77 ± 0.05"
  double figure = 0;      ///< the claimed number; NaN where only a direction is claimed
  bool doubtful = false;  ///< the source should be looked up before the figure is quoted
  bool absolute = false;  ///< other data than the claim's own tell nothing of it
  Standing standing = Standing::cannot_be_told;
  std::string reason;  ///< the numbers that decided
};

/// One number that is claimed and measured. Figures that do not exist are NaN.
struct Claim {
  std::string text;      ///< in words
  std::string measured;  ///< the expression over figures
  std::string unit;
  bool exact = false;                  ///< nothing random is in it: there is no interval
  std::vector<double> values;          ///< one a seed
  double mean = 0, low = 0, high = 0;  ///< with the interval of 95 %
  std::optional<Voice> article, paper;
};

/// A curve that was measured.
struct LabSeries {
  std::string name;
  std::vector<double> x, y;
};

/// What was measured with one seed.
struct LabRun {
  std::uint64_t seed = 0;
  std::vector<std::pair<std::string, double>> figures;
  std::vector<LabSeries> series;
  std::vector<std::string> lines;  ///< the steps of a calculation, as on a board
};

/// One cell of an experiment: its options, what a search chose for it, its runs.
struct LabCell {
  std::string name;  ///< "relu, 3"; empty where there is only one
  std::vector<std::pair<std::string, std::string>> options;  ///< those that differ between cells
  std::vector<std::pair<std::string, std::string>> chosen;
  std::vector<LabRun> runs;
};

/// How the page draws what was measured.
struct LabPlot {
  std::string title;
  std::string figure;  ///< bars of a figure by cell; or
  std::string series;  ///< lines of a series by cell
  std::string x_label, y_label;
  bool log_x = false, log_y = false;
};

/// All of one recipe's run.
struct LabResult {
  std::string id, title, claim;
  std::string area;      ///< the heading in the overview
  std::string by;        ///< who claims it, as in docs/lab.md
  std::string original;  ///< what the original paper has; may be empty
  std::string rule;      ///< what decides, in words
  std::string mode;      ///< "quick" or "full"
  std::string in_short;  ///< what it has otherwise than "full", which `rule` is about; or empty
  std::string version, date, command;
  std::string data;      ///< the SPEC that was measured on; empty: none
  std::string stand_in;  ///< why it is not the claim's own data; empty: it is
  double seconds = 0;    ///< of all cells, also those that an earlier process measured
  /// Of the processor's cores, in all cells: what is left of `seconds` where other programs run
  /// beside. 0: not known.
  double processor_seconds = 0;
  std::vector<std::string> notes;
  std::vector<std::pair<std::string, std::string>> settings, machine;
  std::map<std::string, std::string> figure_names;  ///< a figure's name for people
  std::vector<Claim> claims;
  std::vector<LabCell> cells;
  std::vector<LabPlot> plots;
};

/// How all of a recipe's claims by one account come out together: a conjunction, which holds where
/// all of them do. Absolute ones do not count where other data stand in, unless there are no
/// others. Nothing where the account claims none of them.
std::optional<Standing> standing_of(const LabResult& result, std::optional<Voice> Claim::*voice);

/// "5 of 6 rows hold", of those that count; empty where all do, or where there is only one.
std::string tally_text(const LabResult& result, std::optional<Voice> Claim::*voice);

/// The heading that it stands under in the overview.
std::string area_text(const LabResult& result);

/// What the letters of `by` stand for: "C: a long article on Glorot, Bordes & Bengio 2011; ...".
std::string accounts_text(const std::string& by);

/// "in full" or "in short": by which mode of `lab run` it was measured.
std::string mode_text(const LabResult& result);

/// "In short: reach = 65 (full: 25)"; empty where that is nothing.
std::string in_short_text(const LabResult& result);

/// "43 s, 7.2 s of a processor core", with the second where it is known.
std::string time_text(const LabResult& result);

/// "1.43 (1.37 to 1.49)", with as many digits as the interval justifies; "–" where there is none.
std::string measured_text(const Claim& claim);

/// Sentences on the cells whose runs have the figure `diverged` at 1, which training that became
/// non-finite sets. Empty where there are none.
std::string diverged_text(const LabResult& result);

/// The document of one result, and back. Throws Error for other texts.
std::string to_json(const LabResult& result);
LabResult lab_result_from_json(const std::string& text);

/// A table for a terminal, at most `columns` wide: each claim, claimed beside measured.
std::string to_text(const LabResult& result, int columns);

/// The page of one result; self-contained. `overview` is the file name of the page above it; empty:
/// there is none.
std::string to_html(const LabResult& result, const std::string& overview);

/// The page of all results, in their order, which links to `ID.html`.
std::string overview_html(const std::vector<LabResult>& results);

/// docs/lab.md: all results as a document.
std::string to_markdown(const std::vector<LabResult>& results);

}  // namespace rectify::report
