#include <gtest/gtest.h>

#include <cmath>
#include <regex>
#include <string>

#include "rectify/base/json.h"
#include "rectify/report/comparison.h"
#include "rectify/report/format.h"
#include "rectify/report/page.h"
#include "tests/report/sample.h"

namespace rectify::report {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string data_of(const std::string& html) {
  const std::string open = "<script type=\"application/json\" id=\"data\">";
  const std::size_t at = html.find(open) + open.size();
  return html.substr(at, html.find("</script>", at) - at);
}

TEST(ToHtml, ReadsWithoutScript) {
  const Comparison comparison = sample_comparison(3);
  const std::string html = to_html(comparison);
  EXPECT_TRUE(has(html, "<html lang=\"en\""));
  EXPECT_TRUE(has(html, "relu makes the fewest errors"));
  EXPECT_TRUE(has(html, "<tr class=\"winner\"><th scope=\"row\">"));
  EXPECT_TRUE(has(html, "<caption>"));
  for (const ActivationResult& one : comparison.activations) {
    EXPECT_TRUE(has(html, escape_html(one.model)));
    for (const double value : one.test_error.values)
      EXPECT_TRUE(has(html, percent_text(value, 2))) << value;
  }
  EXPECT_TRUE(has(html, comparison.command));
  EXPECT_FALSE(has(html, "{{"));
}

TEST(ToHtml, LoadsNothingFromElsewhere) {
  const std::string html = to_html(sample_comparison(9));
  const std::regex remote(R"((src|href|action|data|poster)\s*=\s*["']?\s*(https?:)?//)",
                          std::regex::icase);
  EXPECT_FALSE(std::regex_search(html, remote));
  for (const char* way : {"@import", "url(http", "url(\"http", "sourceMappingURL", "<iframe"})
    EXPECT_FALSE(has(html, way)) << way;
  EXPECT_TRUE(has(html, "default-src 'none'"));
}

TEST(ToHtml, CarriesTheLicenceOfChartJs) {
  const std::string html = to_html(sample_comparison(1));
  EXPECT_TRUE(has(html, "Copyright (c) 2014-2022 Chart.js Contributors"));
  EXPECT_TRUE(has(html, "Permission is hereby granted, free of charge"));
  EXPECT_TRUE(has(html, "WITHOUT WARRANTY OF ANY KIND"));
  EXPECT_TRUE(has(html, "<!-- Chart.js, Copyright"));
  EXPECT_TRUE(has(std::string(page::chart_js().substr(0, 200)), "Chart.js v3."));
}

TEST(ToHtml, EscapesEveryStringThatComesFromOutside) {
  const std::string evil = "</script><script>hacked()</script><img src=x onerror='hacked()'>\"&";
  Comparison comparison = sample_comparison(2);
  comparison.version = comparison.date = comparison.command = comparison.verdict = evil;
  comparison.machine = comparison.data = {{evil, evil}, {"spec", evil}};
  comparison.config = {{evil, evil, evil, false}, {"spec", evil}};
  comparison.notes = {evil};
  for (std::string& name : comparison.class_names) name = evil;
  for (ActivationResult& one : comparison.activations) {
    one.name = one.model = evil;
    for (Layer& layer : one.layers) layer.label = evil;
  }
  const std::string html = to_html(comparison);
  EXPECT_FALSE(has(html, "<script>hacked"));
  EXPECT_FALSE(has(html, "<img"));
  EXPECT_FALSE(has(html, evil));
  const std::string data = data_of(html);
  EXPECT_EQ(data.find('<'), std::string::npos);
  EXPECT_EQ(Json::parse(data)["activations"][0]["name"], evil);
}

TEST(ToHtml, ShowsSettingsByGroupAndWhichOfThemAreNotTheDefault) {
  Comparison comparison = sample_comparison(1);
  comparison.config = {{"epochs", "20", "Steps"},
                       {"batch", "64", "Steps", false},
                       {"schedule", "step", "Schedule", false}};
  const std::string html = to_html(comparison);
  EXPECT_TRUE(has(html, "<th scope=\"row\">epochs</th><td>20</td>"));
  EXPECT_TRUE(has(html, "<th scope=\"row\">batch</th><td><strong>64</strong></td>"));
  const std::string group = "<th scope=\"rowgroup\" colspan=\"2\">";
  const std::size_t steps = html.find(group + "Steps<");
  ASSERT_NE(steps, std::string::npos);
  EXPECT_EQ(html.find(group + "Steps<", steps + 1), std::string::npos) << "one head a group";
  EXPECT_TRUE(has(html, group + "Schedule<"));
  EXPECT_TRUE(has(html, "Bold: not the default."));
  for (Setting& setting : comparison.config) setting.usual = true;
  EXPECT_FALSE(has(to_html(comparison), "Bold: not the default."));
}

TEST(ToHtml, LeavesTextAloneThatLooksLikeATemplateSlot) {
  Comparison comparison = sample_comparison(1);
  comparison.verdict = "{{data}} and {{nonsense}}";
  EXPECT_TRUE(has(to_html(comparison), ">{{data}} and {{nonsense}}</h1>"));
}

TEST(ToHtml, WritesNullsForTheChartsAndDashesForTheTables) {
  Comparison comparison = sample_comparison(2, 3, 5);
  ActivationResult& one = comparison.activations[1];
  one.test_error = {std::nan(""), std::nan(""), {std::nan(""), std::nan(""), std::nan("")}};
  one.gradient_ratio = one.lr = one.seconds_per_epoch = one.samples_per_second = std::nan("");
  for (Epoch& epoch : one.history) epoch.validation_error = epoch.train_loss = std::nan("");
  const std::string html = to_html(comparison);
  EXPECT_TRUE(has(html, "<td>–</td>"));
  EXPECT_FALSE(has(html, ">nan<"));
  const auto drawn = Json::parse(data_of(html))["activations"][1];
  EXPECT_TRUE(drawn["validation"][0].is_null());
  EXPECT_TRUE(drawn["lr"].is_null());
}

TEST(ToHtml, MarksRightAndWrongCellsOfAConfusionMatrix) {
  Comparison comparison = sample_comparison(1, 3, 5, 3);
  comparison.activations[0].confusion = {{99, 1, 0}, {5, 90, 5}, {0, 50, 50}};
  comparison.class_names = {"cat", "dog", "emu"};
  const std::string html = to_html(comparison);
  EXPECT_TRUE(has(html, "<th scope=\"row\">cat</th><td class=r5>99<td class=w3>1<td>"));
  EXPECT_TRUE(has(html, "<td>"));
  EXPECT_TRUE(has(html, "61 of 300 wrong; most often emu taken for dog (50)"));
}

TEST(ToHtml, ShowsErrorZerosAndSpeedWhereInferenceWasTimed) {
  Comparison comparison = sample_comparison(3);
  EXPECT_EQ(to_html(comparison).find("id=\"sparsity\""), std::string::npos);
  for (ActivationResult& one : comparison.activations)
    one.answers_of_one = 1234, one.answers_of_batch = 56789;
  comparison.activations[1].answers_of_one = comparison.activations[1].answers_of_batch =
      std::nan("");
  const std::string page = to_html(comparison);
  for (const char* part : {"id=\"error-by-zeros\"", "id=\"error-by-speed\"", "<td>1,234</td>",
                           "<td>56,789</td>", "128 at once", "<td>–</td><td>–</td>"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
  const std::string json = to_json(comparison);
  EXPECT_NE(json.find("\"samples_per_second_of_128\": 56789"), std::string::npos);
}

}  // namespace
}  // namespace rectify::report
