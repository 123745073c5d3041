#include "rectify/lab/pretraining_report.h"

#include <algorithm>

#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/base/version.h"
#include "rectify/graph/text.h"
#include "rectify/lab/settings.h"
#include "rectify/lab/summary.h"

namespace rectify::lab {

namespace {

namespace fs = std::filesystem;

/// What a picture shows whose file a pretraining writes itself.
struct KnownPicture {
  std::string_view file, title, words;
};
constexpr KnownPicture known_pictures[] = {
    {"filters.png", "Filters",
     "What units look for in a sample: the strongest of each layer, one layer below the other. "
     "Grey "
     "is a weight of 0, white a positive one, black a negative one. Strokes and edges: the units "
     "have "
     "learnt parts of the samples. Noise: more epochs, more samples or a lower rate help."},
    {"reconstructions.png", "Reconstructions",
     "The first test samples, and below each line of them what the layers make of them, up and "
     "down again. What is lost on the way, the layers do not know of."}};

report::PretrainedEpoch epoch_of(const pretrain::Record& r) {
  return {.epoch = r.epoch,
          .lr = r.lr,
          .loss = r.loss.value_or(report::no_value),
          .validation_loss = r.validation_loss.value_or(report::no_value),
          .free_energy_gap = r.free_energy_gap.value_or(report::no_value),
          .mean_activity = r.mean_activity,
          .zeros = r.zeros,
          .seconds = r.seconds};
}

std::vector<report::PretrainedPart> parts_of(const pretrain::Pretrainer& pretrainer) {
  std::vector<report::PretrainedPart> parts;
  for (const pretrain::LayerSpec& layer : pretrainer.layers())
    parts.push_back(
        {.label = concat("layer ", parts.size() + 1),
         .text = layer.text,
         .epochs = pretrain::options_of_layer(pretrainer.options(), layer, parts.size(), 0).epochs,
         .history = {}});
  if (const int epochs = pretrainer.options().unroll; epochs > 0)
    parts.push_back({.label = "unrolled",
                     .text = "all layers, up and down again as one network",
                     .epochs = epochs,
                     .history = {}});
  for (const pretrain::Record& record : pretrainer.history()) {
    const bool unrolled = record.layer == 0;
    const std::size_t part =
        unrolled ? parts.size() - 1 : static_cast<std::size_t>(record.layer) - 1;
    parts[part].history.push_back(epoch_of(record));
  }
  return parts;
}

}  // namespace

std::vector<report::Picture> pictures_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    if (entry.is_regular_file() && entry.path().extension() == ".png")
      files.push_back(entry.path());
  const auto place = [](const fs::path& file) {
    const auto known = std::ranges::find(known_pictures, file.filename(), &KnownPicture::file);
    return std::pair(known - std::begin(known_pictures), file);
  };
  std::ranges::sort(files, {}, place);
  std::vector<report::Picture> pictures;
  for (const fs::path& file : files) {
    const auto known = std::ranges::find(known_pictures, file.filename(), &KnownPicture::file);
    const bool own = known != std::end(known_pictures);
    pictures.push_back({.title = own ? std::string(known->title) : file.stem().string(),
                        .words = own ? std::string(known->words) : "",
                        .png = read_file(file)});
  }
  return pictures;
}

report::Pretraining describe_pretraining(const pretrain::Pretrainer& pretrainer,
                                         PretrainingOutcome outcome) {
  const data::Dataset& dataset = pretrainer.dataset();
  const data::Partition& partition = pretrainer.partition();
  report::Pretraining run{.version = version,
                          .date = today(),
                          .command = std::move(outcome.command),
                          .next = std::move(outcome.next),
                          .end = outcome.end,
                          .trouble = std::move(outcome.trouble),
                          .data = dataset.spec,
                          .stack = pretrainer.options().stack,
                          .encoder = graph::model_text(pretrainer.encoder().graph),
                          .samples = static_cast<std::int64_t>(partition.train.size()),
                          .config = settings_of(pretrainer.options(), dataset),
                          .data_facts = data_facts(dataset, partition),
                          .machine = machine_facts(),
                          .notes = dataset.notes,
                          .layers = pretrainer.layers().size(),
                          .parts = parts_of(pretrainer),
                          .pictures = std::move(outcome.pictures)};
  if (const auto& error = outcome.reconstruction) {
    run.reconstruction_error = error->mean_squared_error;
    // As many components as a sample has numbers miss nothing.
    if (error->components < static_cast<std::int64_t>(error->features))
      run.principal_error = error->principal_error.value_or(report::no_value);
    run.components = error->components;
  }
  if (partition.validation.empty())
    run.notes.push_back(
        "No samples are held out (--validation 0): what is called validation here are training "
        "samples.");
  return run;
}

}  // namespace rectify::lab
