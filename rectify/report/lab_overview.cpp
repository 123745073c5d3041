// The page of all claims of the lab: what a teacher puts on a screen.
#include <algorithm>

#include "rectify/base/enumeration.h"
#include "rectify/base/text.h"
#include "rectify/report/format.h"
#include "rectify/report/lab.h"
#include "rectify/report/lab_page.h"
#include "rectify/report/page.h"
#include "rectify/report/page_parts.h"

namespace rectify::report {

namespace {

std::size_t count_of(const std::vector<LabResult>& results, std::optional<Voice> Claim::*who,
                     Standing standing) {
  return static_cast<std::size_t>(std::ranges::count_if(
      results, [&](const LabResult& r) { return standing_of(r, who) == standing; }));
}

/// "12 hold, 3 in direction, 2 do not, 5 cannot be told", by the articles and by the papers.
std::string overview_tiles(const std::vector<LabResult>& results) {
  std::string out = "  <dl class=\"answers\">\n";
  for (const Standing standing : all_values<Standing>())
    out += tile(capitalised(std::string(name_of(standing))),
                std::to_string(count_of(results, &Claim::article, standing)),
                concat("of the articles' claims; ", count_of(results, &Claim::paper, standing),
                       " of the papers'"));
  return out + "  </dl>";
}

/// The number that most says it: the first that an account claims.
std::string leading_claim(const LabResult& r) {
  const Claim& claim = r.claims.front();
  return concat(prose(measured_text(claim)), "<small>", prose(claim.text), ", measured ",
                mode_text(r), "</small>");
}

std::string verdict_cell(const LabResult& r, const char* by, std::optional<Voice> Claim::*who) {
  const std::string tally = tally_text(r, who);
  return concat("<td class=\"words\" data-by=\"", by, "\">", standing_html(standing_of(r, who)),
                tally.empty() ? "" : "<small>" + tally + "</small>", "</td>");
}

std::string overview_line(const LabResult& r) {
  return concat("<tr><th scope=\"row\"><a href=\"", in_address(r.id), ".html\">", prose(r.title),
                "</a><small><code>", escape_html(r.id), "</code> ", prose(r.claim), "</small></th>",
                "<td class=\"words\">", r.claims.empty() ? "" : leading_claim(r), "</td>",
                verdict_cell(r, "The article", &Claim::article),
                verdict_cell(r, "The paper", &Claim::paper), "</tr>\n");
}

std::string areas_html(const std::vector<LabResult>& results) {
  std::string out, area;
  bool open = false;
  for (const LabResult& r : results) {
    if (!open || area_text(r) != area) {
      if (open) out += "</tbody></table></div></section>\n";
      area = area_text(r);
      open = true;
      out += concat("<section><h2>", prose(area),
                    "</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"",
                    escape_html(area), "\"><table class=\"results lab stacked\"><thead><tr>",
                    "<th scope=\"col\">Claim</th><th scope=\"col\" class=\"words\">Measured</th>",
                    "<th scope=\"col\" class=\"words\">The article</th>",
                    "<th scope=\"col\" class=\"words\">The paper</th></tr></thead><tbody>\n");
    }
    out += overview_line(r);
  }
  return out + (open ? "</tbody></table></div></section>\n" : "");
}

}  // namespace

std::string overview_html(const std::vector<LabResult>& results) {
  double seconds = 0;
  for (const LabResult& r : results) seconds += r.seconds;
  const auto in_full =
      std::ranges::count_if(results, [](const LabResult& r) { return r.mode == "full"; });
  const std::string program = results.empty() ? "" : results.front().version;
  const std::string head = concat(plural(results.size(), "claim"), " about rectifiers, measured");
  const std::string content = filled(
      page::lab_overview_html(),
      {{"version", escape_html(program)},
       {"date", results.empty() ? "" : escape_html(results.front().date)},
       {"headline", head},
       {"scope", concat(in_full, " in full and ", std::ssize(results) - in_full, " in short, ",
                        duration_text(seconds),
                        " of measuring. Click a claim for its plots, its numbers and the command "
                        "that repeats it.")},
       {"answers", overview_tiles(results)},
       {"areas", areas_html(results)}});
  return framed({.title = "Rectify: the lab",
                 .version = program,
                 .content = content,
                 .data = script_safe(Json::object()),
                 .charts = "Kit.start();"});
}

}  // namespace rectify::report
