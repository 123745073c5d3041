// A result of the lab for a terminal and for docs/lab.md.
#include <algorithm>
#include <cmath>

#include "rectify/base/enumeration.h"
#include "rectify/base/text.h"
#include "rectify/report/format.h"
#include "rectify/report/lab.h"
#include "rectify/report/lab_page.h"
#include "rectify/report/page_parts.h"

namespace rectify::report {

namespace {

/// The words of `text` in lines of at most `columns`, each after `indent`.
std::string folded(const std::string& text, const std::string& indent, std::size_t columns) {
  std::string out, line = indent;
  for (const std::string& word : split(text, ' ')) {
    if (columns_of(line) + 1 + columns_of(word) > columns && line != indent) {
      out += line + "\n";
      line = indent;
    }
    line += (line == indent ? "" : " ") + word;
  }
  return out + line + "\n";
}

std::string voice_lines(const char* who, const std::optional<Voice>& voice, std::size_t columns) {
  if (!voice) return "";
  return folded(
      concat(who, " (", voice->source, "): ", voice->claimed, voice->doubtful ? " (?)" : "", " - ",
             name_of(voice->standing), ": ", voice->reason),
      "    ", columns);
}

/// For a table of Markdown: no bar ends a column, and no end of a line the row.
std::string in_table(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2))
    text.replace(at, 1, "\\|");
  return text;
}

/// "does not hold (5 of 6 rows hold)"
std::string standing_text(const LabResult& result, std::optional<Voice> Claim::*voice) {
  const std::optional<Standing> standing = standing_of(result, voice);
  if (!standing) return std::string(no_figure);
  const std::string tally = tally_text(result, voice);
  return concat(name_of(*standing), tally.empty() ? "" : " (" + tally + ")");
}

/// With the reason where nothing that was measured stands beside it.
std::string voice_text(const Claim& claim, const std::optional<Voice>& voice) {
  if (!voice) return std::string(no_figure);
  return in_table(concat(voice->claimed, voice->doubtful ? " (?)" : "", ": **",
                         name_of(voice->standing), "**",
                         std::isfinite(claim.mean) ? "" : ", " + voice->reason));
}

std::string section(const LabResult& r) {
  std::string out = concat("### `", r.id, "`: ", r.title, "\n\n", r.claim, " (", r.by, ")\n");
  if (!r.original.empty()) out += concat("\nThe original paper: ", r.original, "\n");
  if (!r.rule.empty()) out += concat("\nHow it is decided: ", r.rule, ".\n");
  if (!r.in_short.empty()) out += concat("\n", in_short_text(r), ".\n");
  if (!r.stand_in.empty()) out += concat("\n", capitalised(r.stand_in), ".\n");
  out += "\n| measured | figure | article | paper |\n|---|---|---|---|\n";
  for (const Claim& claim : r.claims)
    out += concat("| ", in_table(claim.text), " | ", in_table(measured_text(claim)), " | ",
                  voice_text(claim, claim.article), " | ", voice_text(claim, claim.paper), " |\n");
  if (const std::string diverged = diverged_text(r); !diverged.empty())
    out += concat("\n", diverged, "\n");
  for (const std::string& note : r.notes) out += concat("\n", note, "\n");
  const std::size_t seeds = r.cells.empty() ? 0 : r.cells.front().runs.size();
  out += concat("\n", seeds, seeds == 1 ? " seed" : " seeds", ", ", r.mode, ", ", time_text(r),
                ": `", r.command, "`\n\n");
  return out;
}

/// "41 claims in short and 2 in full, in 12 min; on ...".
std::string circumstances(const std::vector<LabResult>& results) {
  std::size_t in_full = 0;
  LabResult sum;
  std::vector<std::string> machines;
  for (const LabResult& r : results) {
    in_full += r.mode == "full" ? 1 : 0;
    sum.seconds += r.seconds;
    sum.processor_seconds += r.processor_seconds;
    std::string machine = "Rectify " + r.version;
    for (const auto& [name, value] : r.machine) machine += concat(", ", name, ": ", value);
    if (!std::ranges::count(machines, machine)) machines.push_back(machine);
  }
  std::string out = concat(plural(results.size() - in_full, "claim"), " in short (`--quick`) and ",
                           in_full, " in full (`--full`), in ", time_text(sum), ". On ");
  for (const std::string& machine : machines)
    out += concat(machine == machines.front() ? "" : "; and on ", machine);
  return out + ".\n\n";
}

}  // namespace

std::string mode_text(const LabResult& result) {
  return result.mode == "full" ? "in full" : "in short";
}

std::string in_short_text(const LabResult& result) {
  return result.in_short.empty() ? "" : "In short: " + result.in_short;
}

std::string time_text(const LabResult& result) {
  std::string text = duration_text(result.seconds);
  if (result.processor_seconds > 0)
    text += concat(", ", duration_text(result.processor_seconds), " of a processor core");
  return text;
}

std::string to_text(const LabResult& result, int columns) {
  const auto width = static_cast<std::size_t>(columns);
  std::string out = concat(result.id, ": ", result.title, "\n") + folded(result.claim, "  ", width);
  if (!result.stand_in.empty()) out += folded(result.stand_in, "  ", width);
  if (!result.in_short.empty()) out += folded(in_short_text(result), "  ", width);
  for (const Claim& claim : result.claims) {
    out += folded(concat(claim.text, ": ", measured_text(claim)), "  ", width);
    out += voice_lines("article", claim.article, width);
    out += voice_lines("paper", claim.paper, width);
  }
  if (const std::string diverged = diverged_text(result); !diverged.empty())
    out += folded(diverged, "  ", width);
  for (const LabCell& cell : result.cells)
    for (const LabRun& run : cell.runs) {
      if (run.lines.empty() || run.seed != 1) continue;
      out += "\n";
      for (const std::string& line : run.lines) out += "  " + line + "\n";
    }
  out += folded(concat("verdict: article: ", standing_text(result, &Claim::article),
                       "; paper: ", standing_text(result, &Claim::paper)),
                "  ", width);
  return out;
}

std::string to_markdown(const std::vector<LabResult>& results) {
  std::string out =
      "# The lab: claims about rectifiers, measured\n\n"
      "Made by `rectify lab report --out DIR --page docs/lab.md`; do not edit. Intervals are of "
      "95 % over seeds. A (?) marks a figure that we quote from memory. A claim holds where all "
      "of its rows do. What `rectify lab list` has and this page has not was not measured. Work "
      "that several claims share counts in the time of each.\n\n" +
      circumstances(results) +
      "| claim | what | measured | article | paper |\n|---|---|---|---|---|\n";
  for (const LabResult& r : results)
    out += concat("| [`", in_table(r.id), "`](#", in_address(r.id), ") | ", in_table(r.title),
                  " | ", mode_text(r), " | ", standing_text(r, &Claim::article), " | ",
                  standing_text(r, &Claim::paper), " |\n");
  std::string area;
  for (const LabResult& r : results) {
    if (area_text(r) != area) out += concat("\n## ", area_text(r), "\n");
    area = area_text(r);
    out += concat("\n<a id=\"", in_address(r.id), "\"></a>\n\n") + section(r);
  }
  return out;
}

}  // namespace rectify::report
