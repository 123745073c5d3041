#include "rectify/report/html.h"

#include <algorithm>
#include <string>

#include "rectify/base/error.h"
#include "rectify/report/format.h"
#include "rectify/report/page.h"
#include "rectify/report/page_parts.h"
#include "rectify/report/sparsity.h"

namespace rectify::report {
namespace {

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

}  // namespace

std::string to_html(const Comparison& comparison) {
  const std::vector<std::size_t> order = ranking(comparison);
  const std::string verdict =
      comparison.verdict.empty() ? missing_verdict(comparison) : comparison.verdict;
  const std::string content =
      filled(page::comparison_html(),
             {{"version", escape_html(comparison.version)},
              {"date", escape_html(comparison.date)},
              {"headline", prose(verdict)},
              {"headline_size", verdict.size() > 150 ? "long" : "short"},
              {"scope", escape_html(scope(comparison))},
              {"answers", answers_html(comparison, order)},
              {"notes", notes_html(comparison.notes)},
              {"results", results_html(comparison, order)},
              {"sparsity", sparsity_html(comparison, order)},
              {"sparsity_link",
               has_inference(comparison) ? "    <a href=\"#sparsity\">Zeros and speed</a>\n" : ""},
              {"error_meaning", error_meaning(comparison.regression)},
              {"confusion", confusion_html(comparison, order)},
              {"command", command_html(comparison)},
              {"setup", setup_html(comparison, order)}});
  const std::string charts = concat(page::sparsity_js(), page::comparison_js());
  return framed({.title = "Rectify: " + verdict,
                 .version = comparison.version,
                 .content = content,
                 .data = chart_data(comparison, order),
                 .charts = charts});
}

}  // namespace rectify::report
