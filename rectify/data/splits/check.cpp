// Whether the parts of a data set fit one another, for those that a program makes in memory.

#include <algorithm>
#include <cstdint>
#include <string>

#include "rectify/base/error.h"
#include "rectify/data/dataset.h"

namespace rectify::data {

namespace {

std::string split_name(const char* split, const Dataset& dataset) {
  return concat("the ", split, " split of ", dataset.spec.empty() ? "the data" : dataset.spec);
}

/// Throws Error unless `size`, of that member of the split, is `width` for each sample.
void check_filled(const Split& split, const char* member, std::size_t size, std::size_t width,
                  const std::string& what) {
  const std::size_t whole = size / width;
  if (whole == split.count && size % width == 0) return;
  fail(what, ": '", member, "' holds ", size, " numbers, but 'count' says ", split.count,
       " samples, each of ", width, "; ",
       whole < split.count ? concat("sample ", whole, " is the first that lacks some")
                           : std::string("make 'count' what is there"));
}

void check_samples(const Dataset& dataset, const Split& split, const std::string& what) {
  const std::int64_t features = dataset.sample_shape.size();
  if (features < 1)
    fail(what, ": samples of the shape ", dataset.sample_shape.text(), " have no numbers");
  if (!split.bytes.empty() && !split.values.empty())
    fail(what, " has both 'bytes' and 'values'; fill one: 'bytes' with images, 'values' otherwise");
  const bool bytes = !split.bytes.empty();
  check_filled(split, bytes ? "bytes" : "values", bytes ? split.bytes.size() : split.values.size(),
               static_cast<std::size_t>(features), what);
}

void check_targets(const Dataset& dataset, const Split& split, const std::string& what) {
  if (!split.labels.empty())
    fail(what, " has labels, but 'class_names' is empty; name the classes, or give 'targets'");
  if (split.targets.empty()) return;
  if (dataset.target_width < 1)
    fail(what, " has targets, but 'target_width' is ", dataset.target_width,
         "; say how many numbers a target has");
  check_filled(split, "targets", split.targets.size(),
               static_cast<std::size_t>(dataset.target_width), what);
}

void check_labels(const Dataset& dataset, const Split& split, const std::string& what) {
  if (dataset.target_width != 0)
    fail(what, ": 'target_width' is ", dataset.target_width,
         ", but there are class names; make it 0, or 'class_names' empty");
  if (split.labels.empty() && !split.targets.empty())
    fail(what, " has targets, but there are class names; give 'labels', or no 'class_names'");
  if (split.labels.empty()) return;
  if (dataset.label_width < 1)
    fail(what, ": 'label_width' is ", dataset.label_width, "; say how many labels a sample has");
  const auto width = static_cast<std::size_t>(dataset.label_width), classes = dataset.classes();
  check_filled(split, "labels", split.labels.size(), width, what);
  const auto wrong = std::ranges::find_if(split.labels, [=](std::int32_t label) {
    return label < 0 || static_cast<std::size_t>(label) >= classes;
  });
  if (wrong == split.labels.end()) return;
  fail(what, ": sample ", static_cast<std::size_t>(wrong - split.labels.begin()) / width,
       " has the label ", *wrong, ", but labels of ", classes, " classes are 0 to ", classes - 1);
}

}  // namespace

void check(const Dataset& dataset, const Split& split, const std::string& what) {
  check_samples(dataset, split, what);
  if (dataset.classes() == 0)
    check_targets(dataset, split, what);
  else
    check_labels(dataset, split, what);
}

void check(const Dataset& dataset) {
  check(dataset, dataset.train, split_name("training", dataset));
  check(dataset, dataset.test, split_name("test", dataset));
}

}  // namespace rectify::data
