#include "rectify/data/splits/classes.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "rectify/base/error.h"

namespace rectify::data {

namespace {

constexpr std::size_t most_classes = 65536;

const std::string& name_of(const std::string& label) { return label; }
std::string name_of(std::int64_t label) { return std::to_string(label); }

template <class Label>
void classify(Dataset& dataset, std::span<const Label> train, std::span<const Label> test,
              const std::string& what) {
  std::map<Label, std::int32_t> classes;
  for (const std::span<const Label>& labels : {train, test})
    for (const Label& label : labels) {
      classes.try_emplace(label, 0);
      if (classes.size() > most_classes)
        fail(what, ": there are more than ", most_classes,
             " different labels; if they are numbers to predict, write them with a fraction (1.5)");
    }
  dataset.class_names.clear();
  for (auto& [label, position] : classes) {
    position = static_cast<std::int32_t>(dataset.class_names.size());
    dataset.class_names.push_back(name_of(label));
  }
  const auto place = [&](std::span<const Label> labels, Split& split) {
    split.labels.clear();
    split.labels.reserve(labels.size());
    for (const Label& label : labels) split.labels.push_back(classes.find(label)->second);
  };
  place(train, dataset.train);
  place(test, dataset.test);
}

}  // namespace

void make_classes(Dataset& dataset, std::span<const std::int64_t> train,
                  std::span<const std::int64_t> test, const std::string& what) {
  classify(dataset, train, test, what);
}

void make_classes(Dataset& dataset, std::span<const std::string> train,
                  std::span<const std::string> test, const std::string& what) {
  classify(dataset, train, test, what);
}

namespace {

/// "'a', 'b' and 3 more"
std::string quoted(const std::vector<std::string>& names) {
  constexpr std::size_t most = 6;
  std::string list;
  for (std::size_t i = 0; i < std::min(most, names.size()); ++i)
    list += concat(i == 0 ? "'" : ", '", names[i], "'");
  return list + (names.size() > most ? concat(" and ", names.size() - most, " more") : "");
}

}  // namespace

void renumber_classes(Dataset& dataset, const std::vector<std::string>& names,
                      const std::string& what) {
  if (dataset.class_names == names) return;
  std::map<std::string_view, std::int32_t> places;
  for (std::size_t i = 0; i < names.size(); ++i)
    places.emplace(names[i], static_cast<std::int32_t>(i));
  std::vector<std::int32_t> place;
  std::vector<std::string> unknown;
  for (const std::string& name : dataset.class_names) {
    const auto found = places.find(name);
    if (found == places.end()) unknown.push_back(name);
    place.push_back(found == places.end() ? -1 : found->second);
  }
  if (!unknown.empty())
    fail(what, " has ", unknown.size() == 1 ? "a class" : "classes",
         " that the model does not know: ", quoted(unknown), "; it knows ", quoted(names));
  const auto at = [&](auto old) { return place[static_cast<std::size_t>(old)]; };
  for (Split* split : {&dataset.train, &dataset.test}) {
    for (std::int32_t& label : split->labels) label = at(label);
    if (!dataset.ids) continue;
    for (float& id : split->values) id = static_cast<float>(at(id));
    for (std::uint8_t& id : split->bytes) id = static_cast<std::uint8_t>(at(id));
  }
  dataset.class_names = names;
}

}  // namespace rectify::data
