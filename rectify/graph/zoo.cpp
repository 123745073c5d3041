#include "rectify/graph/zoo.h"

#include <algorithm>
#include <utility>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::graph {

/// Names and contents of the files of graph/zoo/. The build writes this function.
std::vector<std::pair<std::string_view, std::string_view>> zoo_files();

namespace {

ZooModel model_of(std::string_view name, std::string_view content) {
  ZooModel model{.name = std::string(name)};
  for (const std::string& line : split(content, '\n')) {
    const bool comment = line.starts_with('#');
    std::string& to = comment ? model.summary : model.text;
    const std::string_view words = trim(std::string_view(line).substr(comment ? 1 : 0));
    if (words.empty()) continue;
    if (!to.empty()) to += comment ? ' ' : '\n';
    to += words;
  }
  return model;
}

}  // namespace

const std::vector<ZooModel>& zoo() {
  static const std::vector<ZooModel> all = [] {
    std::vector<ZooModel> models;
    for (const auto& [name, content] : zoo_files()) models.push_back(model_of(name, content));
    std::ranges::sort(models, {}, &ZooModel::name);
    return models;
  }();
  return all;
}

const ZooModel* find_in_zoo(std::string_view name) {
  const auto found = std::ranges::find(zoo(), name, &ZooModel::name);
  return found == zoo().end() ? nullptr : &*found;
}

std::string network_text(const std::string& text_or_name) {
  if (const ZooModel* model = find_in_zoo(text_or_name)) return model->text;
  if (text_or_name.find(':') != std::string::npos) return text_or_name;
  std::vector<std::string> names;
  for (const ZooModel& model : zoo()) names.push_back(model.name);
  fail("model '", text_or_name, "': there is no ':'; write SHAPE : item | item, such as",
       " 784 : dense 100 | relu | dense 10, or the name of a network that comes with rectify",
       suggestion(text_or_name, names));
}

}  // namespace rectify::graph
