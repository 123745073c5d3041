// The page of a diagnosis: as text, and in a browser.

#include "rectify/report/diagnosis_page.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <regex>
#include <string>
#include <vector>

#include "rectify/base/json.h"
#include "rectify/graph/text.h"
#include "rectify/report/diagnosis.h"
#include "rectify/report/diagnosis_parts.h"
#include "tests/report/browser.h"

namespace rectify::report {
namespace {

using diagnose::Facts;
using diagnose::Finding;
using diagnose::Severity;
using diagnose::Verdict;

constexpr double broke = std::numeric_limits<double>::infinity();

bool diagnosis_has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string chart_json(const std::string& html) {
  const std::string open = "<script type=\"application/json\" id=\"data\">";
  const std::size_t at = html.find(open) + open.size();
  return html.substr(at, html.find("</script>", at) - at);
}

Finding rate_finding() {
  return {.cause = "rate_too_high",
          .severity = Severity::fault,
          .where = {},
          .title = "The learning rate is too high",
          .evidence = {"rate 0.1 reaches loss 0.5 in 60 steps"},
          .advice = "try --lr 0.1, or --lr auto for a search",
          .changes = {{"--lr", "0.1"}},
          .explains = {"dead_units"},
          .explained_by = {}};
}

Finding dead_finding() {
  return {.cause = "dead_units",
          .severity = Severity::warning,
          .where = "relu1",
          .title = "Units are dead",
          .evidence = {"50 % of relu1 never fire"},
          .advice = "a lower --lr",
          .changes = {},
          .explains = {},
          .explained_by = "rate_too_high"};
}

Finding uneven_finding() {
  Finding finding{.cause = "uneven_classes", .title = "Classes are uneven"};
  finding.advice = "--class-weights balanced lets each count the same";
  return finding;
}

/// Units that are flat on 100 %, 95 %, 50 %, 50 % and 0 % of the inputs.
diagnose::LayerFigures five_units(const std::string& label) {
  diagnose::LayerFigures layer{.label = label, .activation = "relu", .weight = "dense1.weight"};
  for (const double flat : {1.0, 0.95, 0.5, 0.5, 0.0})
    layer.units.push_back({.firing = 1 - flat, .flat = flat, .zeros = flat});
  layer.units.front().verdict = Verdict::dead;
  layer.effective_rank = 2.5;
  return layer;
}

diagnose::Look a_look(std::size_t layers, double gradient) {
  diagnose::Look look{.inputs = 100};
  for (std::size_t i = 0; i < layers; ++i) {
    const std::string n = std::to_string(i + 1);
    look.layers.push_back(five_units("relu" + n));
    look.signal.layers.push_back({.label = "dense" + n,
                                  .weight = "dense" + n + ".weight",
                                  .output_rms = 1.0 + static_cast<double>(i),
                                  .gradient_rms = gradient * static_cast<double>(i)});
  }
  return look;
}

/// A run at rate 1, of three layers.
Facts a_run(std::size_t layers = 3) {
  Facts facts{.data = "glyphs", .options_are_known = true};
  facts.network = graph::parse_model("784 : dense 5 | relu | dense 10");
  facts.loss = "softmax_cross_entropy";
  facts.inputs.training_samples = 5400;
  facts.inputs.class_counts = {90, 9};
  facts.inputs.class_names = {"common", "rare"};
  facts.start = a_look(layers, 0.2);
  facts.start->layers.front().units.front().verdict = Verdict::healthy;
  facts.end = a_look(layers, 0.1);
  facts.rates = {.trials = {{0.01, 1.5}, {0.1, 0.5}, {1, 9}, {10, broke}},
                 .asked = 1,
                 .loss_before = 2,
                 .steps = 60};
  facts.small_fit = {.samples = 16, .steps = 150, .loss_before = 2.3, .loss_after = 0.01};
  facts.outcome.emplace();
  facts.outcome->error = 0.42;
  facts.outcome->baseline_error = 0.9;
  return facts;
}

const DiagnosisPage plain_page{
    .subject = "a-run", .date = "2026-11-29", .command = "rectify diagnose a-run --apply b"};

TEST(DiagnosisPage, SaysFirstWhatIsWrongAndWhatToChange) {
  const std::vector<Finding> findings = {rate_finding(), dead_finding(), uneven_finding()};
  const std::string html = to_html(a_run(), findings, plain_page);
  EXPECT_TRUE(diagnosis_has(html,
                            "<h1 class=\"short\"><span class=\"severity fault\">Fault</span> The "
                            "learning rate is too high</h1>"));
  const std::size_t advice = html.find(
      "<strong>What to change:</strong> try <code>--lr 0.1</code>, or <code>--lr "
      "auto</code> for a search</p>");
  const std::size_t command = html.find("rectify diagnose a-run --apply b</code>");
  const std::size_t tiles = html.find("<dl class=\"answers\">");
  const std::size_t cards = html.find("<article class=\"finding fault\">");
  EXPECT_LT(advice, command);
  EXPECT_LT(command, tiles);
  EXPECT_LT(tiles, cards);
  EXPECT_LT(cards, html.size());
  EXPECT_TRUE(diagnosis_has(html, "<strong>1 fault</strong><span>and 1 warning, 1 note</span>"));
  EXPECT_TRUE(diagnosis_has(html, "<strong>42.00&nbsp;%</strong><span>a constant answer: 90.00"));
  EXPECT_TRUE(diagnosis_has(html, "<strong>20.0&nbsp;%</strong><span>of relu1, on 100 inputs"));
  EXPECT_FALSE(diagnosis_has(html, "{{"));
}

TEST(DiagnosisPage, SaysThatANetworkIsHealthy) {
  const std::string nothing = to_html(a_run(), {}, plain_page);
  EXPECT_TRUE(diagnosis_has(nothing, "Healthy</span> Nothing was found</h1>"));
  EXPECT_TRUE(diagnosis_has(nothing, "Nothing needs to change."));
  EXPECT_FALSE(diagnosis_has(nothing, "--apply")) << "a command would change something";
  const std::vector<Finding> note = {uneven_finding()};
  const std::string html = to_html(a_run(), note, plain_page);
  EXPECT_TRUE(diagnosis_has(html, "Healthy</span> Nothing worse than a note was found</h1>"));
  EXPECT_TRUE(diagnosis_has(html,
                            "<strong>What may help:</strong> <code>--class-weights balanced</code> "
                            "lets each count the same"));
}

TEST(DiagnosisPage, FoldsWhatFollowsFromAFindingIntoItsCard) {
  const std::vector<Finding> findings = {rate_finding(), dead_finding(), uneven_finding()};
  const std::string html = findings_section(findings);
  const std::size_t fold =
      html.find("<details class=\"follows\"><summary>Explains: Units are dead");
  const std::size_t follower = html.find("<article class=\"finding warning\">");
  const std::size_t end = html.find("</details>");
  const std::size_t next = html.find("<article class=\"finding note\">");
  EXPECT_LT(fold, follower);
  EXPECT_LT(follower, end);
  EXPECT_LT(end, next);
  EXPECT_LT(next, html.size());
  EXPECT_TRUE(diagnosis_has(html, "<span class=\"where\">· relu1</span>"));
  EXPECT_TRUE(diagnosis_has(html, "<strong>If it stays:</strong> a lower <code>--lr</code>"));
  EXPECT_TRUE(diagnosis_has(html, "<li>50&nbsp;% of relu1 never fire</li>"));
}

TEST(DiagnosisPage, ShowsTheChangesThatTheAdviceDoesNotSpellOut) {
  Finding finding = rate_finding();
  EXPECT_FALSE(diagnosis_has(findings_section({&finding, 1}), "As flags:"));
  finding.advice = "remove the last '| softmax'";
  finding.changes = {{"--model", "2 : dense 1"}, {"--warmup", ""}};
  EXPECT_TRUE(diagnosis_has(findings_section({&finding, 1}),
                            "As flags: <code>--model &#39;2 : dense 1&#39;</code> <code>leave out "
                            "--warmup</code>"))
      << findings_section({&finding, 1});
}

TEST(DiagnosisPage, MarksFlagsWithTheirValuesAsCode) {
  EXPECT_EQ(advice_html("a lower --lr, --warmup 1, or --clip-norm 1", {}),
            "a lower <code>--lr</code>, <code>--warmup 1</code>, or <code>--clip-norm 1</code>");
  EXPECT_EQ(advice_html("start from usual weights: --init auto, no gain=", {}),
            "start from usual weights: <code>--init auto</code>, no gain=");
  EXPECT_EQ(advice_html("by --loss sigmoid_cross_entropy", {}),
            "by <code>--loss sigmoid_cross_entropy</code>");
  EXPECT_EQ(advice_html("--lr or --activation leaky_relu keeps them", {}),
            "<code>--lr</code> or <code>--activation leaky_relu</code> keeps them");
  EXPECT_EQ(advice_html("--batch 32 or more", {}), "<code>--batch 32</code> or more");
  EXPECT_EQ(advice_html("--model 2 : dense 1 it is",
                        std::vector<diagnose::Change>{{"--model", "2 : dense 1"}}),
            "<code>--model 2 : dense 1</code> it is");
  EXPECT_EQ(advice_html("leave it -- or a--b <i>", {}),
            "leave it <code>--</code> or a--b &lt;i&gt;");
}

TEST(DiagnosisPage, CountsUnitsByTheShareOfInputsOnWhichTheyAreActive) {
  // Active on 0, 5 %, 50 %, 50 % and 100 %.
  EXPECT_EQ(activity_counts(five_units("relu1")),
            (ActivityCounts{1, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1}));
  EXPECT_DOUBLE_EQ(median_activity(five_units("relu1")), 0.5);
  diagnose::LayerFigures image = five_units("relu1");  // sums over positions that miss 0 and 1
  image.units[0].flat = 1 - 1e-12;
  image.units[4].flat = 1e-12;
  EXPECT_EQ(activity_counts(image), activity_counts(five_units("relu1")));
  EXPECT_EQ(activity_counts({}), ActivityCounts{});
  EXPECT_TRUE(std::isnan(median_activity({})));
}

TEST(DiagnosisPage, ListsLayersWithoutColumnsInWhichNothingStands) {
  const std::string html = layers_section(a_run(1));
  EXPECT_TRUE(diagnosis_has(html,
                            "<th scope=\"row\">relu1</th><td>5</td><td>1 <span "
                            "class=\"sd\">20.0&nbsp;%</span></td><td>0</td><td>59.0&nbsp;%"
                            "</td><td>2.50</td>"))
      << html;
  EXPECT_TRUE(diagnosis_has(html, "aria-label=\"1 unit of 5 never active, 1 always\""));
  EXPECT_FALSE(diagnosis_has(html, "Twins"));
  Facts twins = a_run(1);
  twins.end->layers[0].units[1].verdict = Verdict::duplicate;
  EXPECT_TRUE(diagnosis_has(layers_section(twins), "<th scope=\"col\">Twins</th>"));
  // The rule of three: 1 - 0.05^(1/100) = 2.95 %.
  EXPECT_TRUE(diagnosis_has(html, "active on at most 3&nbsp;% of all inputs"));
}

TEST(DiagnosisPage, ShowsClassesOnlyWhereAFindingIsAboutThem) {
  const std::vector<Finding> about = {uneven_finding()}, other = {rate_finding()};
  EXPECT_EQ(classes_section(a_run(), other), "");
  const std::string html = classes_section(a_run(), about);
  EXPECT_LT(html.find("common</th><td>90</td>"), html.find("rare</th><td>9</td>"));
  EXPECT_TRUE(diagnosis_has(html, "<rect width=\"30.0\""));  // a tenth of 300
  Facts many = a_run();
  many.inputs.class_counts.clear();
  many.inputs.class_names.clear();
  for (std::int64_t c = 0; c < 50; ++c) many.inputs.class_counts.push_back(1000 + c);
  const std::string cut = classes_section(many, about);
  EXPECT_TRUE(diagnosis_has(cut, "of 50 classes the ten commonest and the ten rarest"));
  EXPECT_TRUE(diagnosis_has(cut, ">40</th>"));
  EXPECT_FALSE(diagnosis_has(cut, ">39</th>"));
  EXPECT_FALSE(diagnosis_has(cut, ">10</th>"));
  EXPECT_TRUE(diagnosis_has(cut, ">9</th>"));
}

TEST(DiagnosisPage, TellsWhatTheShortTrainingsCameTo) {
  const std::vector<Finding> findings = {rate_finding()};
  const std::string html = rates_section(a_run(), findings);
  EXPECT_TRUE(diagnosis_has(html, "Rate 0.1 comes to a loss of 0.5; before any step it is 2."));
  EXPECT_TRUE(diagnosis_has(html, "0.1</th><td>0.500</td><td class=\"words\">best</td>"));
  EXPECT_TRUE(diagnosis_has(
      html, "1</th><td>9.00</td><td class=\"words\">asked for, worse than no step</td>"));
  EXPECT_TRUE(diagnosis_has(html, "10</th><td>not finite</td><td class=\"words\">broke</td>"));
  Facts stuck = a_run();
  stuck.rates.trials = {{0.1, 1.95}, {1, 2.01}};
  EXPECT_TRUE(
      diagnosis_has(rates_section(stuck, findings), "No rate brings the loss down: at best"));
  EXPECT_EQ(rates_section(Facts{}, findings), "");
}

TEST(DiagnosisPage, GivesTheChartsWhatTheyDrawAndTheirAxes) {
  const std::vector<Finding> findings = {rate_finding()};
  const Json data = Json::parse(chart_json(to_html(a_run(), findings, plain_page)));
  const Json& rates = data["rates"];
  EXPECT_EQ(rates["asked"].get<double>(), 1);
  EXPECT_EQ(rates["suggested"].get<double>(), 0.1);
  // From 0.5 to 2, less than a factor of 5; a loss of 9 is more than three times the first.
  EXPECT_FALSE(rates["logarithmic"].get<bool>());
  EXPECT_DOUBLE_EQ(rates["high"].get<double>(), 2.2);
  EXPECT_EQ(rates["points"].dump(),
            R"([{"rate":0.01,"loss":1.5,"over":false},{"rate":0.1,"loss":0.5,"over":false},)"
            R"({"rate":1,"loss":9,"over":true},{"rate":10,"loss":null,"over":true}])");
  const Json& gradient = data["signal"]["gradient"];
  EXPECT_EQ(gradient["start"].dump(), "[null,0.2,0.4]") << "0 has no place on a logarithmic axis";
  EXPECT_EQ(gradient["end"].dump(), "[null,0.1,0.2]");
  EXPECT_NEAR(gradient["low"].get<double>(), 0.1 / 1.5, 1e-5);
  EXPECT_NEAR(gradient["high"].get<double>(), 0.4 * 1.5, 1e-5);
  EXPECT_EQ(data["signal"]["output"]["end"].dump(), "[1,2,3]");
}

TEST(DiagnosisPage, LoadsNothingFromElsewhere) {
  const std::vector<Finding> findings = {rate_finding()};
  const std::string html = to_html(a_run(), findings, plain_page);
  const std::regex remote(R"((src|href|action|poster)\s*=\s*["']?\s*(https?:)?//)",
                          std::regex::icase);
  EXPECT_FALSE(std::regex_search(html, remote));
  EXPECT_TRUE(diagnosis_has(html, "default-src 'none'"));
}

TEST(DiagnosisPage, IsToldFromFilesOfOthers) {
  const std::vector<Finding> findings = {rate_finding()};
  EXPECT_TRUE(is_diagnosis(to_html(a_run(), findings, plain_page)));
  EXPECT_TRUE(is_diagnosis(diagnosis_json(a_run(), findings).dump(2)));
  for (const char* other : {"", "<html></html>", "{}", "[1]", "3", "{\"schema\": 1}", "notes"})
    EXPECT_FALSE(is_diagnosis(other)) << other;
}

std::pair<Facts, std::vector<Finding>> hostile(const std::string& evil) {
  Facts facts = a_run();
  facts.data = facts.loss = evil;
  facts.options.optimizer = evil;
  facts.inputs.class_names = {evil, evil};
  for (diagnose::Look* look : {&*facts.start, &*facts.end}) {
    for (diagnose::LayerFigures& layer : look->layers) layer.label = layer.activation = evil;
    for (diagnose::LayerSignal& layer : look->signal.layers) layer.label = layer.weight = evil;
  }
  std::vector<Finding> findings = {rate_finding(), dead_finding(), uneven_finding()};
  for (Finding& finding : findings) {
    finding.where = finding.title = finding.advice = evil;
    finding.evidence = {evil};
    finding.changes.push_back({"--" + evil, evil});
  }
  return {facts, findings};
}

TEST(DiagnosisPage, EscapesEveryStringThatComesFromOutside) {
  const std::string evil = "</script><script>hacked()</script><b onclick='hacked()'>\"&";
  for (const std::string before : {"", "--", "--lr "}) {
    const auto [facts, findings] = hostile(before + evil);
    const std::string html = to_html(facts, findings, {evil, evil, evil});
    EXPECT_FALSE(diagnosis_has(html, "<script>hacked"));
    EXPECT_FALSE(diagnosis_has(html, "<b onclick"));
    EXPECT_EQ(chart_json(html).find('<'), std::string::npos);
  }
}

class DiagnosisInBrowser : public Browser {};

TEST_F(DiagnosisInBrowser, DrawsRatesAndSignals) {
  const std::vector<Finding> findings = {rate_finding(), dead_finding(), uneven_finding()};
  expect_drawn(to_html(a_run(), findings, plain_page), 3);
  expect_drawn(to_html(a_run(40), findings, plain_page), 3);
}

TEST_F(DiagnosisInBrowser, DrawsANetworkBeforeItsTraining) {
  Facts facts = a_run();
  facts.end.reset();
  facts.outcome.reset();
  facts.rates.trials = {{0.1, broke}, {1, broke}};  // nothing but crosses
  expect_drawn(to_html(facts, {}, {.date = "2026-11-29"}), 3);
}

TEST_F(DiagnosisInBrowser, CopesWithFiguresThatDoNotExist) {
  Facts facts = a_run();
  facts.start.reset();
  facts.rates = {};
  facts.small_fit = {};
  facts.outcome->error = std::nan("");
  for (diagnose::LayerSignal& layer : facts.end->signal.layers) layer.gradient_rms = std::nan("");
  expect_drawn(to_html(facts, {}, plain_page), 1);
  expect_drawn(to_html(Facts{}, {}, {}), 0);
}

TEST_F(DiagnosisInBrowser, RunsNoScriptThatANameBrings) {
  const auto [facts, findings] =
      hostile("</script><img src=x onerror='parent.hacked=1'><script>window.hacked=1</script>" +
              std::string(60, 'w'));
  expect_drawn(to_html(facts, findings, plain_page), 3);
}

}  // namespace
}  // namespace rectify::report
