#include "rectify/pretrain/folder.h"

#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/data/images/encode_png.h"
#include "rectify/data/images/grid.h"
#include "rectify/graph/text.h"
#include "rectify/model/file.h"
#include "rectify/model/metadata.h"
#include "rectify/pretrain/filters.h"

namespace rectify::pretrain {

namespace {

namespace fs = std::filesystem;

constexpr const char* state_name = "state.safetensors";
constexpr std::size_t most = 100, columns = 20;  // of the filters that are shown

/// Pictures one below the other, on grey.
data::Image one_below_the_other(const std::vector<data::Image>& images) {
  constexpr std::size_t gap = 4;
  constexpr std::uint8_t grey = 128;
  data::Image all{.channels = images.front().channels};
  for (const data::Image& image : images) {
    all.width = std::max(all.width, image.width);
    all.height += image.height + (all.height > 0 ? gap : 0);
  }
  all.bytes.assign(all.width * all.height * all.channels, grey);
  std::size_t top = 0;
  for (const data::Image& image : images) {
    const std::size_t row = image.width * all.channels;
    for (std::size_t y = 0; y < image.height; ++y)
      std::copy_n(image.bytes.data() + y * row, row,
                  all.bytes.data() + (top + y) * all.width * all.channels);
    top += image.height + gap;
  }
  return all;
}

/// The filters of the convolutional layers at the bottom.
data::Image kernels_of(const Pretrainer& pretrainer) {
  std::vector<data::Image> sheets;
  std::vector<ConvolutionalMachine> machines;
  for (std::size_t i = 0; i < pretrainer.begun(); ++i) {
    auto machine = pretrainer.trainer(i).convolutional();
    if (!machine) break;
    machines.push_back(std::move(*machine));
    const KernelFilters kernels = filters_of(machines, most);
    sheets.push_back(data::picture_grid(kernels.filters.levels(), kernels.shape, columns));
  }
  return one_below_the_other(sheets);
}

/// Whether the last epoch of the last layer, or of the unrolled network, is there.
bool is_finished(const Options& options, const std::vector<Record>& history) {
  if (history.empty()) return false;
  const Record& last = history.back();
  if (options.unroll > 0) return last.layer == 0 && last.epoch >= options.unroll;
  const std::vector<LayerSpec> layers = parse_stack(options.stack);
  const int epochs = options_of_layer(options, layers.back(), layers.size() - 1, 1).epochs;
  return last.layer == static_cast<int>(layers.size()) && last.epoch >= epochs;
}

}  // namespace

bool holds_pretraining(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder / state_name, error)) return false;
  const auto metadata = model::load_metadata(folder / state_name);
  const auto format = metadata.find("format");
  return format != metadata.end() && format->second.starts_with("rectify pretraining");
}

void save(const train::RunFolder& folder, const Pretrainer& pretrainer) {
  // The first state comes first, so that the other files never lie there without one.
  if (pretrainer.history().empty()) model::save(folder.file(state_name), pretrainer.state());
  std::string history;
  for (const Record& record : pretrainer.history()) history += to_json(record) + "\n";
  write_file(folder.file("history.jsonl"), history);
  model::save(folder.file("stack.safetensors"), pretrainer.stack_file());
  model::save(folder.file("model.safetensors"), model::to_file(pretrainer.encoder()));
  if (pretrainer.unrolled())
    model::save(folder.file("autoencoder.safetensors"), model::to_file(pretrainer.autoencoder()));
  if (!pretrainer.history().empty()) model::save(folder.file(state_name), pretrainer.state());
}

void save_filters(const train::RunFolder& folder, const Pretrainer& pretrainer) {
  const Shape& shape = pretrainer.dataset().sample_shape;
  if (!data::is_picture(shape)) return;
  if (pretrainer.trainer(0).convolutional()) {
    write_file(folder.file("filters.png"), data::encode_png(kernels_of(pretrainer)));
    return;
  }
  const std::size_t inputs = pretrainer.dataset().features();
  std::vector<std::span<const float>> weights;
  std::vector<float> levels;
  std::size_t width = inputs;
  for (std::size_t i = 0; i < pretrainer.begun(); ++i) {
    const LayerTrainer& layer = pretrainer.trainer(i);
    const auto units = static_cast<std::size_t>(pretrainer.layers()[i].units());
    weights.push_back(numbers_of(layer.layout(), layer.parameters().data(), "weight"));
    if (weights.back().size() != width * units) break;  // shared weights are no filters of samples
    width = units;
    const std::vector<float> own = filters_of(weights, inputs, most).levels();
    if (!levels.empty()) levels.resize(levels.size() + columns * inputs, 0.5f);  // an empty row
    levels.insert(levels.end(), own.begin(), own.end());
    const std::size_t row = columns * inputs;
    levels.resize((levels.size() + row - 1) / row * row, 0.5f);
  }
  if (levels.empty()) return;
  write_file(folder.file("filters.png"),
             data::encode_png(data::picture_grid(levels, shape, columns)));
}

Options saved_options(const fs::path& folder) {
  if (!holds_pretraining(folder)) fail("'", folder.string(), "' holds no pretraining");
  return options_from_json(model::load_metadata(folder / state_name).at("options"));
}

std::vector<Record> saved_history(const fs::path& folder) {
  std::vector<Record> history;
  const fs::path lines = folder / "history.jsonl";
  for (const std::string& line : split(fs::exists(lines) ? read_file(lines) : "", '\n'))
    if (!line.empty()) history.push_back(record_from_json(line));
  return history;
}

void resume(const train::RunFolder& folder, Pretrainer& pretrainer) {
  pretrainer.restore(model::load(folder.file(state_name)), saved_history(folder.path()));
}

Start start_from(const fs::path& folder) {
  std::error_code error;
  if (!fs::exists(folder, error)) fail("there is no folder '", folder.string(), "'");
  if (!holds_pretraining(folder))
    fail("'", folder.string(),
         "' holds no pretraining; 'rectify pretrain' makes one, and tensors "
         "of other files are taken by --weights");
  const Options options = saved_options(folder);
  if (!is_finished(options, saved_history(folder)))
    fail("the pretraining in '", folder.string(), "' has not finished; go on with: rectify resume ",
         folder.string());
  const fs::path weights = folder / "model.safetensors";
  return {.encoder = graph::model_text(model::load_model(weights).graph),
          .weights = weights,
          .normalise = options.train.normalise};
}

}  // namespace rectify::pretrain
