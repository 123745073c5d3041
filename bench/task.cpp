#include "bench/task.h"

#include <algorithm>
#include <fstream>
#include <span>

#include "rectify/base/error.h"
#include "rectify/base/random.h"
#include "rectify/graph/text.h"
#include "rectify/graph/zoo.h"

namespace rectify::bench {
namespace {

constexpr std::uint32_t classes = 10;
/// A sample is 1 / faint of its class's pattern, the rest is noise.
constexpr std::uint32_t faint = 6;

/// `count` samples; `stream` keeps the splits apart.
void draw(data::Split& split, std::size_t count, std::size_t features, std::uint32_t stream) {
  const Random noise(1, stream), patterns(2);
  split.count = count;
  split.bytes.resize(count * features);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t label = static_cast<std::uint32_t>(i % classes);
    split.labels.push_back(static_cast<std::int32_t>(label));
  }
  for (std::size_t i = 0; i < split.bytes.size(); i += 4) {
    const auto words = noise.words(i / 4);
    for (std::size_t j = i; j < std::min(i + 4, split.bytes.size()); ++j) {
      const std::size_t sample = j / features, feature = j % features;
      const std::uint32_t pattern =
          patterns.below(static_cast<std::size_t>(split.labels[sample]) * features + feature, 256);
      split.bytes[j] =
          static_cast<std::uint8_t>((pattern + (faint - 1) * (words[j % 4] >> 24)) / faint);
    }
  }
}

template <class T>
void write(const std::filesystem::path& path, const std::vector<T>& values) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(values.data()),
             static_cast<std::streamsize>(values.size() * sizeof(T)));
  if (!file.flush()) fail("cannot write ", path.string());
}

void export_split(const data::Split& split, std::size_t features,
                  std::span<const std::uint32_t> rows, const data::Normalisation& normalisation,
                  const std::filesystem::path& folder, const std::string& prefix) {
  std::vector<float> inputs(rows.size() * features);
  data::gather(split, features, rows, normalisation.inputs, inputs.data());
  std::vector<std::int64_t> labels;
  for (const std::uint32_t row : rows) labels.push_back(split.labels[row]);
  write(folder / (prefix + "inputs.f32"), inputs);
  write(folder / (prefix + "labels.i64"), labels);
}

}  // namespace

std::string Task::model() const {
  if (!network.empty()) return graph::network_text(network);
  std::string text = std::to_string(widths.front()) + " :";
  for (std::size_t i = 1; i < widths.size(); ++i) {
    text += (i > 1 ? " | relu | dense " : " dense ") + std::to_string(widths[i]);
  }
  return text;
}

Task task_from(const nlohmann::json& json) {
  Task task;
  json.at("training").get_to(task.training);
  json.at("widths").get_to(task.widths);
  task.network = json.value("model", "");
  json.at("batch").get_to(task.batch);
  json.at("optimiser").get_to(task.optimiser);
  json.at("lr").get_to(task.lr);
  json.at("precision").get_to(task.precision);
  if (task.widths.size() < 2 || task.batch < 1) fail("a task wants widths and a batch");
  return task;
}

data::Dataset samples_of(const Task& task) {
  const auto features = static_cast<std::size_t>(task.widths.front());
  const graph::Graph graph = graph::parse_model(task.model());
  data::Dataset dataset{.spec = "bench",
                        .sample_shape = graph.node(graph.find("input")).type.shape};
  for (std::uint32_t c = 0; c < classes; ++c) dataset.class_names.push_back(std::to_string(c));
  draw(dataset.train, static_cast<std::size_t>(task.batch) * (checked_steps + 1), features, 1);
  draw(dataset.test, checked_samples, features, 2);
  return dataset;
}

void export_samples(const Task& task, const data::Dataset& dataset,
                    const std::vector<std::uint32_t>& order,
                    const data::Normalisation& normalisation, const std::filesystem::path& folder) {
  const auto features = static_cast<std::size_t>(task.widths.front());
  std::vector<std::uint32_t> test(dataset.test.count);
  for (std::uint32_t i = 0; i < test.size(); ++i) test[i] = i;
  export_split(dataset.train, features, order, normalisation, folder, "");
  export_split(dataset.test, features, test, normalisation, folder, "check_");
}

}  // namespace rectify::bench
