// The page of a robustness, put together.

#include <algorithm>

#include "rectify/base/enumeration.h"
#include "rectify/base/text.h"
#include "rectify/report/format.h"
#include "rectify/report/page.h"
#include "rectify/report/page_parts.h"
#include "rectify/report/robustness_counts.h"
#include "rectify/report/training_tables.h"

namespace rectify::report {

namespace {

using verify::Fate;
using verify::FateCounts;
using verify::SampleFate;

std::string robust_headline(const FateCounts& all) {
  if (all.samples == 0) return "No sample was judged.";
  return concat(fixed_text(100 * all.share(Fate::certified), 1), " % of ",
                plural(all.samples, "sample"), " are proven to keep their right answer.");
}

std::string robust_tiles(const FateCounts& all) {
  const auto of = [&](Fate fate) { return share_text(all.share(fate)); };
  return tile("Certified", of(Fate::certified), "right, and proven for every change") +
         tile("Attacked", of(Fate::attacked), "right, and wrong after a change that was found") +
         tile("Undecided", of(Fate::undecided), "right, neither proven nor attacked in time") +
         tile("Wrong", of(Fate::wrong), "without any change");
}

/// A bar of the four shares, as wide as the table's last column.
std::string bar_html(const FateCounts& counts) {
  std::string out = "<span class=\"fates\" aria-hidden=\"true\">";
  for (const Fate fate : all_values<Fate>())
    if (counts.of(fate) > 0)
      out += concat("<i class=\"", name_of(fate),
                    "\" style=\"width: ", fixed_text(100 * counts.share(fate), 2), "%\"></i>");
  return out + "</span>";
}

std::string class_row(const std::string& name, const FateCounts& counts, bool total) {
  std::string out = concat(total ? "<tr class=\"total\">" : "<tr>", "<th scope=\"row\">",
                           escape_html(name), "</th><td>", counts.samples, "</td>");
  for (const Fate fate : all_values<Fate>()) out += concat("<td>", counts.of(fate), "</td>");
  return out + "<td>" + share_text(counts.share(Fate::certified)) + "</td><td>" + bar_html(counts) +
         "</td></tr>\n";
}

std::string classes_table(const Robustness& found, const FateCounts& all) {
  std::string out =
      "  <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Classes\">\n"
      "  <table class=\"results\"><thead><tr>";
  out += "<th scope=\"col\">Class</th><th scope=\"col\">Samples</th>";
  for (const Fate fate : all_values<Fate>())
    out += concat("<th scope=\"col\"><i class=\"fate ", name_of(fate), "\"></i>",
                  capitalised(std::string(name_of(fate))), "</th>");
  out += "<th scope=\"col\">Share certified</th><th scope=\"col\">All shares</th>";
  out += "</tr></thead>\n<tbody>\n";
  const std::vector<FateCounts> classes = counts_by_class(found);
  for (std::size_t c = 0; c < classes.size(); ++c)
    if (classes[c].samples > 0) out += class_row(found.class_names[c], classes[c], false);
  return out + class_row("all", all, true) + "</tbody></table></div>";
}

std::string fallen_html(const Robustness& found) {
  if (found.pictures.empty()) return "";
  std::string out =
      "<section id=\"fallen\" aria-labelledby=\"fallen-title\">\n"
      "  <h2 id=\"fallen-title\">Samples that fell</h2>\n"
      "  <p class=\"reading\">Each from left to right: the sample, the changed sample, and the "
      "change, blue where a number became smaller and orange where it became larger.</p>\n"
      "  <div class=\"fallen\">\n";
  for (const Picture& picture : found.pictures)
    out += "  <figure><img src=\"data:image/png;base64," + base64(picture.png) + "\" alt=\"" +
           escape_html(picture.title) + "\"><figcaption><strong>" + escape_html(picture.title) +
           "</strong><br>" + prose(picture.words) + "</figcaption></figure>\n";
  return out + "  </div>\n</section>\n\n";
}

/// The samples of which nothing is known, the nearest to a proof first.
std::string undecided_html(const Robustness& found) {
  std::vector<const SampleFate*> open;
  for (const SampleFate& sample : found.samples)
    if (sample.fate == Fate::undecided) open.push_back(&sample);
  if (open.empty()) return "";
  std::ranges::stable_sort(open, {}, &SampleFate::gap);
  constexpr std::size_t most = 100;
  std::string out =
      "<section id=\"undecided\" aria-labelledby=\"undecided-title\">\n"
      "  <h2 id=\"undecided-title\">Undecided samples</h2>\n"
      "  <p class=\"reading\">The gap is what the best bound lacks to a proof, in units of the "
      "network's outputs. A longer --timeout decides those of a small gap.</p>\n"
      "  <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Undecided samples\">\n"
      "  <table class=\"results\"><thead><tr><th scope=\"col\">Sample</th><th scope=\"col\">Class"
      "</th><th scope=\"col\">Gap</th><th scope=\"col\">Sub-problems</th><th scope=\"col\">"
      "Seconds</th><th scope=\"col\" class=\"words\">Why</th></tr></thead>\n<tbody>\n";
  for (const SampleFate* sample : std::span(open).first(std::min(most, open.size())))
    out += concat("<tr><th scope=\"row\">", sample->sample, "</th><td>",
                  escape_html(found.class_names[static_cast<std::size_t>(sample->label)]),
                  "</td><td>", significant_text(sample->gap, 3), "</td><td>", sample->sub_problems,
                  "</td><td>", fixed_text(sample->seconds, 1), "</td><td class=\"words\">",
                  escape_html(sample->why), "</td></tr>\n");
  out += "</tbody></table></div>\n";
  if (open.size() > most)
    out +=
        concat("  <p class=\"reading\">", open.size() - most, " more are in results.json.</p>\n");
  return out + "</section>\n\n";
}

}  // namespace

std::string to_html(const Robustness& found) {
  const FateCounts all = counts_of(found);
  const std::string head = robust_headline(all);
  const auto link = [](const std::string& section, const char* id, const char* words) {
    return section.empty() ? "" : concat("    <a href=\"#", id, "\">", words, "</a>\n");
  };
  const std::string fallen = fallen_html(found), undecided = undecided_html(found);
  double seconds = 0;
  for (const SampleFate& sample : found.samples) seconds += sample.seconds;
  std::vector<std::string> notes;
  if (all.samples < found.asked)
    notes.push_back(concat(all.samples, " of ", plural(found.asked, "sample"),
                           " were judged before it was stopped; the same command goes on."));
  if (found.norm == verify::Norm::two)
    notes.push_back(
        "What is proven with the 2-norm is the box around all changes, which is more than is "
        "asked: "
        "some undecided samples would hold.");
  const std::string content = filled(
      page::robustness_html(),
      {{"version", escape_html(found.version)},
       {"date", escape_html(found.date)},
       {"headline", prose(head)},
       {"scope",
        escape_html(concat(capitalised(change_text(found)), ", on ", found.split, " samples of ",
                           found.data, "; at most ", duration_text(found.seconds_each),
                           " a sample, ", duration_text(seconds), " in all."))},
       {"answers", answers_box(robust_tiles(all))},
       {"notes", notes_html(notes)},
       {"links", link(fallen, "fallen", "Samples that fell") +
                     link(undecided, "undecided", "Undecided samples")},
       {"table", classes_table(found, all)},
       {"fallen", fallen},
       {"undecided", undecided},
       {"command", command_box(found.command, "This command judges the same samples again.")},
       {"setup",
        pairs_table("Machine", found.machine) + pairs_table("Network", {{"model", found.model}})}});
  return framed({.title = "Rectify: " + head,
                 .version = found.version,
                 .content = content,
                 .data = script_safe(Json::object()),
                 .charts = "Kit.copyButtons();\nKit.start();\n"});
}

}  // namespace rectify::report
