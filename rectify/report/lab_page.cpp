// The page of one claim of the lab, put together.
#include "rectify/report/lab_page.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <numeric>

#include "rectify/base/enumeration.h"
#include "rectify/base/text.h"
#include "rectify/report/format.h"
#include "rectify/report/lab.h"
#include "rectify/report/page.h"
#include "rectify/report/page_parts.h"

namespace rectify::report {

std::string standing_html(const std::optional<Standing>& standing) {
  constexpr const char* classes[] = {"holds", "direction_only", "does_not_hold", "cannot_be_told"};
  if (!standing) return std::string(no_figure);
  return concat("<span class=\"standing ", classes[static_cast<std::size_t>(*standing)], "\">",
                name_of(*standing), "</span>");
}

std::string in_address(std::string_view name) {
  constexpr std::string_view digits = "0123456789ABCDEF", unreserved = "-._~";
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x80 && std::isalnum(byte)) || unreserved.find(c) != std::string_view::npos)
      out += c;
    else
      out += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

namespace {

std::string lab_voice_cell(const char* by, const std::optional<Voice>& voice) {
  const std::string begin = concat("<td class=\"words\" data-by=\"", by, "\">");
  if (!voice) return concat(begin, no_figure, "</td>");
  return concat(begin, standing_html(voice->standing), "<small>", prose(voice->source),
                voice->doubtful ? " (?)" : "", ": ", prose(voice->claimed), "</small><small>",
                prose(voice->reason), "</small></td>");
}

std::string claims_table(const LabResult& r) {
  std::string out =
      "  <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Claims\">\n"
      "  <table class=\"results lab stacked\"><thead><tr><th scope=\"col\">What is claimed</th>"
      "<th scope=\"col\">Measured</th><th scope=\"col\" class=\"words\">The article</th>"
      "<th scope=\"col\" class=\"words\">The paper</th></tr></thead>\n<tbody>\n";
  for (const Claim& claim : r.claims)
    out += "<tr><th scope=\"row\">" + prose(claim.text) + "<small><code>" +
           escape_html(claim.measured) + "</code></small></th><td>" + prose(measured_text(claim)) +
           "</td>" + lab_voice_cell("The article", claim.article) +
           lab_voice_cell("The paper", claim.paper) + "</tr>\n";
  return out + "</tbody></table></div>";
}

std::size_t seeds_of(const LabResult& r) {
  return r.cells.empty() ? 0 : r.cells.front().runs.size();
}

bool is_exact(const LabResult& r) {
  return std::ranges::all_of(r.claims, [](const Claim& claim) { return claim.exact; });
}

/// A SPEC without the place of the folder of data sets.
std::string data_text(std::string spec) {
  const std::string slot = "{data}/";
  const std::size_t at = spec.find(slot);
  return at == std::string::npos ? spec : spec.erase(at, slot.size());
}

std::string lab_tiles(const LabResult& r) {
  std::string out = "  <dl class=\"answers\">\n";
  out += tile("The article", standing_html(standing_of(r, &Claim::article)),
              tally_text(r, &Claim::article));
  out +=
      tile("The paper", standing_html(standing_of(r, &Claim::paper)), tally_text(r, &Claim::paper));
  out +=
      tile("Runs", is_exact(r) ? "exact" : plural(seeds_of(r), "seed"),
           concat(plural(r.cells.size(), "cell"), ", ", escape_html(r.mode), ", ", time_text(r)));
  out += tile("Data", r.data.empty() ? "none needed" : escape_html(data_text(r.data)),
              r.stand_in.empty() ? "" : "not the claim's own");
  return out + "  </dl>";
}

/// What a run printed as on a board, from the first seed of each cell.
std::string boards_html(const LabResult& r) {
  std::string out;
  for (const LabCell& cell : r.cells) {
    if (cell.runs.empty() || cell.runs.front().lines.empty()) continue;
    if (!cell.name.empty()) out += "  <h3>" + escape_html(cell.name) + "</h3>\n";
    out += "  <pre class=\"board\">";
    for (const std::string& line : cell.runs.front().lines) out += escape_html(line) + "\n";
    out += "</pre>\n";
  }
  if (out.empty()) return "";
  return "<section id=\"board\" aria-labelledby=\"board-title\">\n"
         "  <h2 id=\"board-title\">Step by step</h2>\n" +
         out + "</section>\n\n";
}

/// The names of all figures: those that the recipe has words for, then the others in their order.
std::vector<std::string> figure_names(const LabResult& r) {
  std::vector<std::string> names;
  for (const LabCell& cell : r.cells)
    for (const LabRun& run : cell.runs)
      for (const auto& [name, value] : run.figures)
        if (!std::ranges::count(names, name)) names.push_back(name);
  std::ranges::stable_partition(names,
                                [&](const auto& name) { return r.figure_names.contains(name); });
  return names;
}

/// Of the runs that have the figure: one that went non-finite has not.
std::vector<double> values_of(const LabCell& cell, const std::string& figure) {
  std::vector<double> values;
  for (const LabRun& run : cell.runs)
    for (const auto& [name, value] : run.figures)
      if (name == figure && std::isfinite(value)) values.push_back(value);
  return values;
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Mean and range, and of how many runs where not all have the figure.
std::string spread_cell(const LabCell& cell, const std::string& figure) {
  const std::vector<double> values = values_of(cell, figure);
  if (values.empty()) return concat("<td>", no_figure, "</td>");
  const auto [low, high] = std::ranges::minmax(values);
  std::string out = "<td>" + significant_text(mean_of(values), 4);
  if (values.size() > 1 && low != high)
    out +=
        concat("<small>", significant_text(low, 4), " to ", significant_text(high, 4), "</small>");
  if (values.size() < cell.runs.size())
    out += concat("<small>", values.size(), " of ", plural(cell.runs.size(), "run"), "</small>");
  return out + "</td>";
}

/// A line a figure where there is one cell, else a line a cell.
std::string cells_table(const LabResult& r) {
  const std::vector<std::string> names = figure_names(r);
  const auto words = [&](const std::string& name) {
    const auto found = r.figure_names.find(name);
    return escape_html(found == r.figure_names.end() ? name : found->second);
  };
  std::string out =
      "  <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Figures\">\n"
      "  <table class=\"results lab\"><thead><tr><th scope=\"col\">";
  if (r.cells.size() == 1) {
    out += "Figure</th><th scope=\"col\">Mean over seeds</th></tr></thead>\n<tbody>\n";
    for (const std::string& name : names)
      out += "<tr><th scope=\"row\">" + words(name) + "</th>" + spread_cell(r.cells.front(), name) +
             "</tr>\n";
    return out + "</tbody></table></div>";
  }
  out += "Cell</th>";
  for (const std::string& name : names) out += "<th scope=\"col\">" + words(name) + "</th>";
  const bool chosen =
      std::ranges::any_of(r.cells, [](const LabCell& cell) { return !cell.chosen.empty(); });
  out += chosen ? "<th scope=\"col\" class=\"words\">Chosen on validation</th>" : "";
  out += "</tr></thead>\n<tbody>\n";
  for (const LabCell& cell : r.cells) {
    out += "<tr><th scope=\"row\">" + escape_html(cell.name) + "</th>";
    for (const std::string& name : names) out += spread_cell(cell, name);
    std::string choice;
    for (const auto& [name, value] : cell.chosen)
      choice += (choice.empty() ? "" : ", ") + name + " " + value;
    out += chosen ? "<td class=\"words\">" + escape_html(choice) + "</td></tr>\n" : "</tr>\n";
  }
  return out + "</tbody></table></div>";
}

/// The figure that an account claims of just this figure of this cell; NaN without.
double claimed_of(const LabResult& r, const std::string& figure, const std::string& cell,
                  std::optional<Voice> Claim::*who) {
  const std::string plain = cell.empty() ? figure : figure + "[" + cell + "]";
  for (const Claim& claim : r.claims)
    if ((claim.measured == plain || claim.measured == figure + "[" + cell + "]") && claim.*who)
      return (claim.*who)->figure;
  return std::nan("");
}

Json bars_of(const LabResult& r, const std::string& figure) {
  Json bars = Json::array();
  for (const LabCell& cell : r.cells) {
    const std::vector<double> values = values_of(cell, figure);
    if (values.empty()) continue;
    bars.push_back({{"name", cell.name.empty() ? figure : cell.name},
                    {"mean", rounded(mean_of(values))},
                    {"values", column(values, [](double v) { return v; })},
                    {"article", rounded(claimed_of(r, figure, cell.name, &Claim::article))},
                    {"paper", rounded(claimed_of(r, figure, cell.name, &Claim::paper))}});
  }
  return bars;
}

/// Whether a plot draws the series; a name that ends in * is a beginning.
bool is_drawn(const LabPlot& plot, const std::string& name) {
  const std::string_view wanted = plot.series;
  return wanted.ends_with('*') ? name.starts_with(wanted.substr(0, wanted.size() - 1))
                               : name == wanted;
}

/// Of all runs: one that broke at once has no series.
std::vector<std::string> drawn_series(const LabCell& cell, const LabPlot& plot) {
  std::vector<std::string> names;
  for (const LabRun& run : cell.runs)
    for (const LabSeries& one : run.series)
      if (is_drawn(plot, one.name) && !std::ranges::count(names, one.name))
        names.push_back(one.name);
  return names;
}

/// A cell's series: at each x, what the runs have there.
struct LabLine {
  std::string name;
  std::map<double, std::vector<double>> points;
  bool of_all = true;  ///< whether each point is of all runs
};

LabLine line_of(const LabCell& cell, const std::string& series) {
  LabLine line;
  for (const LabRun& run : cell.runs)
    for (const LabSeries& one : run.series) {
      if (one.name != series) continue;
      for (std::size_t i = 0; i < std::min(one.x.size(), one.y.size()); ++i) {
        if (!std::isfinite(one.x[i])) continue;
        std::vector<double>& values = line.points[one.x[i]];
        if (std::isfinite(one.y[i])) values.push_back(one.y[i]);
      }
    }
  // A point of no run is a gap, which the chart shows.
  line.of_all = std::ranges::all_of(line.points, [&](const auto& point) {
    return point.second.empty() || point.second.size() == cell.runs.size();
  });
  return line;
}

std::vector<LabLine> lines_of(const LabResult& r, const LabPlot& plot) {
  std::vector<LabLine> lines;
  for (const LabCell& cell : r.cells)
    for (const std::string& series : drawn_series(cell, plot)) {
      LabLine& line = lines.emplace_back(line_of(cell, series));
      line.name = cell.name;
      if (plot.series.ends_with('*') || cell.name.empty())
        line.name += (cell.name.empty() ? "" : ", ") + series;
    }
  return lines;
}

Json lines_data(const std::vector<LabLine>& lines) {
  Json data = Json::array();
  for (const LabLine& line : lines)
    data.push_back(
        {{"name", line.name},
         {"x", column(line.points, [](const auto& point) { return point.first; })},
         {"y", column(line.points, [](const auto& point) { return mean_of(point.second); })}});
  return data;
}

/// Which lines are not of all runs everywhere; nothing where all are.
std::string lines_caption(const std::vector<LabLine>& lines) {
  std::string names;
  for (const LabLine& line : lines)
    if (!line.of_all) names += (names.empty() ? "" : "; ") + line.name;
  if (names.empty()) return "";
  return concat("<figcaption>Means over the seeds that are still running, not over all: ",
                prose(names), ".</figcaption>");
}

std::string plots_html(const LabResult& r) {
  if (r.plots.empty()) return "";
  std::string out =
      "<section id=\"plots\" aria-labelledby=\"plots-title\">\n"
      "  <h2 id=\"plots-title\">How it looks</h2>\n"
      "<noscript><p class=\"empty\">The charts are drawn by a script, and scripts are switched "
      "off; "
      "the tables have their figures.</p></noscript>\n";
  for (std::size_t i = 0; i < r.plots.size(); ++i)
    out += concat("  <figure class=\"plot under\"><h3>", prose(r.plots[i].title),
                  "</h3><div class=\"layers\" id=\"key-", i,
                  "\"></div><div class=\"canvas\"><canvas id=\"plot-", i, "\"></canvas></div>",
                  lines_caption(lines_of(r, r.plots[i])), "</figure>\n");
  return out + "</section>\n\n";
}

Json plots_data(const LabResult& r) {
  Json plots = Json::array();
  for (const LabPlot& plot : r.plots) {
    Json one = {{"title", plot.title},
                {"x", plot.x_label},
                {"y", plot.y_label},
                {"log_x", plot.log_x},
                {"log_y", plot.log_y}};
    if (plot.series.empty())
      one["bars"] = bars_of(r, plot.figure);
    else
      one["lines"] = lines_data(lines_of(r, plot));
    plots.push_back(one);
  }
  return {{"plots", plots}};
}

std::vector<std::string> all_notes(const LabResult& r) {
  std::vector<std::string> notes;
  if (!r.stand_in.empty()) notes.push_back(capitalised(r.stand_in) + ".");
  if (!r.original.empty()) notes.push_back("The original paper: " + r.original + ".");
  if (!r.rule.empty()) notes.push_back("How it is decided: " + r.rule + ".");
  if (!r.in_short.empty()) notes.push_back(in_short_text(r) + ".");
  if (const std::string diverged = diverged_text(r); !diverged.empty()) notes.push_back(diverged);
  notes.insert(notes.end(), r.notes.begin(), r.notes.end());
  return notes;
}

}  // namespace

std::string to_html(const LabResult& r, const std::string& overview) {
  const std::string up =
      overview.empty() ? "" : "<a href=\"" + in_address(overview) + "\">All claims</a> · ";
  const std::string reading =
      is_exact(r)
          ? "Nothing random is in it, so there is no interval."
          : concat("Mean over ", plural(seeds_of(r), "seed"),
                   " with the 95&nbsp;% interval (Student's t, paired over seeds where cells "
                   "are compared).");
  const std::string content =
      filled(page::lab_html(),
             {{"up", up},
              {"version", escape_html(r.version)},
              {"date", escape_html(r.date)},
              {"title", prose(r.title)},
              {"claim", prose(r.claim)},
              {"by", prose(accounts_text(r.by))},
              {"answers", lab_tiles(r)},
              {"notes", notes_html(all_notes(r))},
              {"table", claims_table(r)},
              {"reading", reading},
              {"boards", boards_html(r)},
              {"plots", plots_html(r)},
              {"cells", cells_table(r)},
              {"command", command_box(r.command, "This command measures it again.")},
              {"setup", "  <div class=\"setup\">\n" + pairs_table("Setting", r.settings) +
                            pairs_table("Machine", r.machine) + "  </div>\n"}});
  return framed({.title = "Rectify: " + r.id,
                 .version = r.version,
                 .content = content,
                 .data = script_safe(plots_data(r)),
                 .charts = page::lab_js()});
}

}  // namespace rectify::report
