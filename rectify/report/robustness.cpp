#include "rectify/report/robustness.h"

#include <algorithm>

#include "rectify/base/enumeration.h"
#include "rectify/base/text.h"
#include "rectify/report/robustness_counts.h"

namespace rectify::report {

using verify::Fate;
using verify::FateCounts;

FateCounts counts_of(const Robustness& found) {
  FateCounts counts;
  for (const verify::SampleFate& sample : found.samples) counts.add(sample);
  return counts;
}

std::vector<FateCounts> counts_by_class(const Robustness& found) {
  std::vector<FateCounts> counts(found.class_names.size());
  for (const verify::SampleFate& sample : found.samples)
    counts[static_cast<std::size_t>(sample.label)].add(sample);
  return counts;
}

std::string change_text(const Robustness& found) {
  return concat(found.norm == verify::Norm::inf ? "each number changed by at most "
                                                : "changes with a 2-norm of at most ",
                number_text(found.eps), found.of_range ? " of the range" : "");
}

namespace {

std::string robust_share(double share) { return fixed_text(100 * share, 1) + " %"; }

std::string padded_to(const std::string& text, std::size_t width, bool right) {
  const std::string space(width > text.size() ? width - text.size() : 0, ' ');
  return right ? space + text : text + space;
}

std::string row_text(const std::string& name, const FateCounts& counts) {
  std::string line = padded_to(name, 16, false) +
                     padded_to(count_text(static_cast<std::int64_t>(counts.samples)), 9, true);
  for (const Fate fate : all_values<Fate>())
    line += padded_to(count_text(static_cast<std::int64_t>(counts.of(fate))), 11, true);
  return line + "\n";
}

void put_counts(const FateCounts& counts, Json& json) {
  json["samples"] = counts.samples;
  for (const Fate fate : all_values<Fate>()) json[std::string(name_of(fate))] = counts.of(fate);
}

}  // namespace

std::string to_text(const Robustness& found) {
  const FateCounts all = counts_of(found);
  std::string text;
  for (const Fate fate : all_values<Fate>())
    text += concat(text.empty() ? "" : ", ", name_of(fate), " ", robust_share(all.share(fate)));
  text += concat(" of ", count_text(static_cast<std::int64_t>(all.samples)), " ", found.split,
                 " samples, ", change_text(found), "\n\n", padded_to("class", 16, false),
                 padded_to("samples", 9, true));
  for (const Fate fate : all_values<Fate>())
    text += padded_to(std::string(name_of(fate)), 11, true);
  text += "\n";
  const std::vector<FateCounts> classes = counts_by_class(found);
  for (std::size_t c = 0; c < classes.size(); ++c)
    if (classes[c].samples > 0) text += row_text(found.class_names[c], classes[c]);
  return text + row_text("all", all);
}

Json to_json(const Robustness& found) {
  Json json = {{"schema", 1},
               {"rectify", found.version},
               {"model", found.model},
               {"data", found.data},
               {"split", found.split},
               {"eps", found.eps},
               {"eps_is_share_of_range", found.of_range},
               {"norm", name_of(found.norm)},
               {"timeout", found.seconds_each},
               {"asked", found.asked}};
  const FateCounts all = counts_of(found);
  put_counts(all, json);
  const std::vector<FateCounts> classes = counts_by_class(found);
  json["classes"] = Json::array();
  for (std::size_t c = 0; c < classes.size(); ++c) {
    Json one = {{"class", found.class_names[c]}};
    put_counts(classes[c], one);
    json["classes"].push_back(std::move(one));
  }
  json["results"] = Json::array();
  for (const verify::SampleFate& sample : found.samples)
    json["results"].push_back(Json::parse(verify::to_json(sample)));
  return json;
}

}  // namespace rectify::report
