#include "rectify/data/splits/classes.h"

#include <algorithm>
#include <map>

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

}  // namespace rectify::data
