// The tables of a training run's page: classes, worst samples.
#include "rectify/report/training_tables.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/text.h"
#include "rectify/report/format.h"
#include "rectify/report/page_parts.h"

namespace rectify::report {
namespace {

std::string data_cell(const std::string& content) { return "<td>" + content + "</td>"; }

std::string score(double value) {
  return data_cell(std::isfinite(value) ? fixed_text(value, 3) : std::string(no_figure));
}

/// "600 <span>10.0 %</span>".
std::string count_cell(std::int64_t count, std::int64_t all) {
  if (all == 0) return data_cell(std::string(no_figure));
  const double share = static_cast<double>(count) / static_cast<double>(all);
  return data_cell(count_text(count) + " <span class=\"sd\">" + share_text(share) + "</span>");
}

constexpr std::string_view class_head = R"(
      <tr><th scope="col">Class</th><th scope="col">Training samples</th>
      <th scope="col">Validation samples</th><th scope="col">Test samples</th>
      <th scope="col">Weight in the loss</th><th scope="col">Precision</th>
      <th scope="col">Recall</th><th scope="col">F1</th><th scope="col">AUC</th></tr>)";

constexpr std::string_view class_notes = R"(
  <details class="meaning">
    <summary>What the columns mean</summary>
    <dl>
      <dt>Weight in the loss</dt><dd>Factor on the loss of the class' samples
      (--class-weights).</dd>
      <dt>Precision</dt><dd>Of the test samples that were taken for the class, the share that is of
      it.</dd>
      <dt>Recall</dt><dd>Of the test samples of the class, the share that was taken for it.</dd>
      <dt>F1</dt><dd>The harmonic mean of the two.</dd>
      <dt>AUC</dt><dd>Area under the ROC curve of the class against the rest: how likely a sample of
      the class is ranked above one of the rest. 0.5 is chance.</dd>
      <dt>Mean</dt><dd>Of the classes, each counting the same, whatever its size.</dd>
    </dl>
  </details>)";

std::string scores_of(const ClassFigures& of) {
  return score(of.precision) + score(of.recall) + score(of.f1) + score(of.auc);
}

std::string class_table(const Training& run) {
  ClassFigures all;
  for (const ClassFigures& one : run.classes) {
    all.train += one.train;
    all.validation += one.validation;
    all.test += one.test;
  }
  std::string out =
      "  <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of classes\">\n"
      "  <table class=\"results\"><caption><span>Samples of each class, and how well the best "
      "weights tell it from the rest on the test split.</span></caption>\n<thead>";
  out += class_head;
  out += "</thead>\n<tbody>\n";
  for (std::size_t c = 0; c < run.classes.size(); ++c) {
    const ClassFigures& one = run.classes[c];
    const std::string name = c < run.class_names.size() ? run.class_names[c] : std::to_string(c);
    out += "<tr><th scope=\"row\">" + escape_html(name) + "</th>" +
           count_cell(one.train, all.train) + count_cell(one.validation, all.validation) +
           count_cell(one.test, all.test) + data_cell(significant_text(one.weight, 3)) +
           scores_of(one) + "</tr>\n";
  }
  return out + "<tr class=\"total\"><th scope=\"row\">all, mean</th>" +
         data_cell(count_text(all.train)) + data_cell(count_text(all.validation)) +
         data_cell(count_text(all.test)) + data_cell("") + scores_of(run.mean) +
         "</tr>\n</tbody></table></div>";
}

std::string base64_of(const WorstSample& sample) {
  return "data:image/png;base64," + base64(sample.picture);
}

/// "4, taken for 9 (98 %)".
std::string verdict_of(const Training& run, const WorstSample& sample) {
  const bool classes = !run.class_names.empty();
  std::string text = "<strong>" + escape_html(sample.truth) + "</strong>";
  text += classes ? (sample.truth == sample.answer ? ", rightly named" : ", taken for ")
                  : ", predicted ";
  if (!classes || sample.truth != sample.answer)
    text += "<strong>" + escape_html(sample.answer) + "</strong>";
  if (std::isfinite(sample.confidence)) text += " (" + share_text(sample.confidence) + ")";
  return text;
}

std::string pictures(const Training& run) {
  std::string out = "  <div class=\"worst\">\n";
  for (const WorstSample& sample : run.worst)
    out += "    <figure><img src=\"" + base64_of(sample) + "\" alt=\"\"><figcaption>" +
           verdict_of(run, sample) + "<br>test sample " + std::to_string(sample.number) +
           "</figcaption></figure>\n";
  return out + "  </div>";
}

std::string table_of_values(const Training& run) {
  const bool classes = !run.class_names.empty();
  std::string out =
      "  <div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Worst samples\">\n"
      "  <table class=\"results\"><thead><tr><th scope=\"col\">Test sample</th><th scope=\"col\">" +
      std::string(classes ? "Class" : "Actual") + "</th><th scope=\"col\">" +
      std::string(classes ? "Answer" : "Predicted") + "</th>";
  if (classes) out += "<th scope=\"col\">Confidence</th>";
  for (const std::string& column : run.columns)
    out += "<th scope=\"col\">" + escape_html(column) + "</th>";
  out += "</tr></thead>\n<tbody>\n";
  for (const WorstSample& sample : run.worst) {
    out += "<tr><th scope=\"row\">" + std::to_string(sample.number) + "</th>" +
           data_cell(escape_html(sample.truth)) + data_cell(escape_html(sample.answer));
    if (classes) out += data_cell(share_text(sample.confidence));
    for (const std::string& value : sample.values) out += data_cell(escape_html(value));
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>";
}

}  // namespace

std::string classes_html(const Training& run) {
  std::string out = class_table(run);
  out += class_notes;
  if (run.confusion.empty())
    return out + "\n  <p class=\"empty\">No test predictions were counted.</p>";
  out += "\n  <h3 class=\"under\">Which classes are taken for which</h3>";
  out += matrix_reading();
  return out + "\n  <p class=\"reading\">" + matrix_digest(run.class_names, run.confusion) +
         ".</p>\n" + matrix_table(run.class_names, run.confusion, "This run", "test samples");
}

std::string targets_html(const Training& run) {
  if (run.targets.empty()) return "  <p class=\"empty\">No test predictions were made.</p>";
  std::string out;
  for (std::size_t i = 0; i < run.targets.size(); ++i) {
    const std::string n = std::to_string(i), name = escape_html(run.targets[i].name);
    out += "  <div class=\"pair\">\n    <figure class=\"plot\"><h3>" + name +
           ": predicted over actual</h3>\n      <div class=\"canvas\"><canvas id=\"answers-" + n +
           "\"></canvas></div>\n      <figcaption>Test samples, by the best weights. On the dashed "
           "line the prediction is exact.</figcaption></figure>\n    <figure class=\"plot\"><h3>" +
           name + ": residuals</h3>\n      <div class=\"canvas\"><canvas id=\"residuals-" + n +
           "\"></canvas></div>\n      <figcaption>Distribution of predicted − actual. Off 0, the "
           "network is wrong on average; a long tail is a few samples far off.</figcaption>"
           "</figure>\n  </div>\n";
  }
  return out;
}

std::string worst_html(const Training& run) {
  if (run.worst.empty()) return "  <p class=\"empty\">No test predictions were made.</p>";
  const std::string reading =
      run.class_names.empty()
          ? "The test samples whose prediction is farthest off."
          : "The test samples to whose true class the best weights give the least probability. "
            "In brackets: how sure the network is of its answer. Look here for wrong labels.";
  const bool pictured = !run.worst.front().picture.empty();
  return "  <p class=\"reading\">" + reading + "</p>\n" +
         (pictured ? pictures(run) : table_of_values(run));
}

}  // namespace rectify::report
