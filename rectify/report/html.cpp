#include "rectify/report/html.h"

#include <map>
#include <string>
#include <string_view>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/report/format.h"
#include "rectify/report/page.h"

namespace rectify::report {
namespace {

/// The template with each {{slot}} replaced, in one pass: inserted text is not searched again, so
/// text that contains {{...}} stays as it is.
std::string filled(std::string_view text, const std::map<std::string_view, std::string>& slots) {
  std::string out;
  while (true) {
    const std::size_t open = text.find("{{");
    out += text.substr(0, open);
    if (open == std::string_view::npos) return out;
    const std::size_t close = text.find("}}", open);
    const std::string_view name = text.substr(open + 2, close - open - 2);
    const auto slot = slots.find(name);
    if (slot == slots.end()) fail("the page's template has an unknown slot '", name, "'");
    out += slot->second;
    text.remove_prefix(close + 2);
  }
}

/// Escaped, and with a number and its percent sign kept on one line.
std::string prose(std::string_view text) {
  std::string out = escape_html(text);
  for (std::size_t at = 0; (at = out.find(" %", at)) != std::string::npos;)
    out.replace(at, 1, "&nbsp;");
  return out;
}

std::string plural(std::size_t count, std::string_view one) {
  return count_text(static_cast<std::int64_t>(count)) + " " + std::string(one) +
         (count == 1 ? "" : "s");
}

/// "3 activations, 5 seeds each, 30 epochs, on glyphs".
std::string scope(const Comparison& comparison) {
  std::size_t epochs = 0;
  for (const ActivationResult& one : comparison.activations)
    epochs = std::max(epochs, one.history.size());
  std::string text = plural(comparison.activations.size(), "activation") + ", " +
                     plural(comparison.seeds.size(), "seed") + " each, " + plural(epochs, "epoch");
  for (const auto& [key, value] : comparison.data)
    if (key == "spec") text += ", on " + value;
  return text + ".";
}

std::string notes_html(const Comparison& comparison) {
  if (comparison.notes.empty()) return "";
  std::string out = "  <ul class=\"notes\">\n";
  for (const std::string& note : comparison.notes) out += "    <li>" + prose(note) + "</li>\n";
  return out + "  </ul>";
}

}  // namespace

std::string to_html(const Comparison& comparison) {
  const std::vector<std::size_t> order = ranking(comparison);
  const std::string verdict =
      comparison.verdict.empty() ? missing_verdict(comparison) : comparison.verdict;
  return filled(page::template_html(), {{"title", escape_html("Rectify: " + verdict)},
                                        {"style", std::string(page::style_css())},
                                        {"version", escape_html(comparison.version)},
                                        {"date", escape_html(comparison.date)},
                                        {"headline", prose(verdict)},
                                        {"headline_size", verdict.size() > 150 ? "long" : "short"},
                                        {"scope", escape_html(scope(comparison))},
                                        {"answers", answers_html(comparison, order)},
                                        {"notes", notes_html(comparison)},
                                        {"results", results_html(comparison, order)},
                                        {"confusion", confusion_html(comparison, order)},
                                        {"command", command_html(comparison)},
                                        {"setup", setup_html(comparison, order)},
                                        {"data", chart_data(comparison, order)},
                                        {"chart_js", std::string(page::chart_js())},
                                        {"kit", std::string(page::kit_js())},
                                        {"charts", std::string(page::charts_js())}});
}

}  // namespace rectify::report
