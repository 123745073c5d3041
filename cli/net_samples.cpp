#include "cli/net_samples.h"

#include <algorithm>
#include <filesystem>

#include "cli/columns.h"
#include "cli/verb.h"
#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/data/formats/npy.h"
#include "rectify/data/images/encode_png.h"
#include "rectify/data/images/grid.h"
#include "rectify/pretrain/net_sampler.h"

namespace rectify::cli {

namespace {

/// A line of names, where the columns have any, and a line a sample.
std::string table_of_samples(std::span<const float> samples, const pretrain::SavedStack& stack) {
  const auto width = static_cast<std::size_t>(stack.sample_shape.size());
  const std::vector<std::string>& names = stack.encoder.columns;
  std::string text;
  for (std::size_t i = 0; i < width; ++i)
    text += concat(i == 0 ? "" : ",", i < names.size() ? csv_field(names[i]) : concat("x", i));
  text += "\n";
  for (std::size_t i = 0; i < samples.size(); ++i)
    text += number_text(samples[i]) + (i % width == width - 1 ? "\n" : ",");
  return text;
}

/// Samples, scaled as the network has them, as a picture: from 0 to 1 where binary units give them,
/// otherwise from the least number to the largest.
std::string sheet_of(std::vector<float> samples, const pretrain::SavedStack& stack,
                     std::size_t count) {
  if (pretrain::machine_of(stack, 0).visible->name != "binary") {
    const float low = *std::ranges::min_element(samples), high = *std::ranges::max_element(samples);
    for (float& x : samples) x = high > low ? (x - low) / (high - low) : 0.5f;
  }
  return data::encode_png(
      data::picture_grid(samples, stack.sample_shape, data::square_columns(count)));
}

std::string extension_of(const std::string& out) {
  const std::string extension = std::filesystem::path(out).extension().string();
  if (!out.empty() && extension != ".png" && extension != ".csv" && extension != ".npy")
    fail("--out must end in .png, .csv or .npy, not '", out, "'");
  return extension;
}

}  // namespace

void declare_net_samples(Arguments args, NetSampleFlags& flags) {
  args.option("--steps", flags.steps,
              "Of a belief net: steps of Gibbs sampling in its last machine");
  args.option("--out", flags.out,
              "Of a belief net: a picture of the samples (.png), a table (.csv) or an array (.npy)")
      .type_name("FILE");
}

int draw_net_samples(const std::string& model, const NetSampleFlags& flags, Terminal& terminal) {
  const std::string extension = extension_of(flags.out);
  if (flags.steps < 1) fail("--steps must be 1 or more, not ", flags.steps);
  const pretrain::SavedStack stack = pretrain::load_stack(model);
  if (extension == ".png" && !data::is_picture(stack.sample_shape))
    fail("samples of ", stack.sample_shape.text(), " are no pictures; give --out FILE.csv or .npy");
  ThreadPool threads;
  const auto count = static_cast<std::size_t>(flags.count);
  std::vector<float> samples =
      sample_net(stack, {.count = count, .steps = flags.steps, .seed = flags.seed}, threads,
                 terminal.progress());
  std::string content;
  if (extension == ".png") content = sheet_of(samples, stack, count);
  to_stored(samples, stack);
  if (extension == ".csv" || flags.out.empty()) content = table_of_samples(samples, stack);
  if (extension == ".npy") {
    std::vector<std::int64_t> extents = stack.sample_shape.extents();
    extents.insert(extents.begin(), flags.count);
    content = data::encode_npy(samples, Shape(extents));
  }
  if (!flags.out.empty()) write_file(flags.out, content);
  if (terminal.json) {
    Json json = {{"schema", 1},
                 {"count", flags.count},
                 {"steps", flags.steps},
                 {"seed", flags.seed},
                 {"shape", stack.sample_shape.text()}};
    if (flags.out.empty())
      json["samples"] = samples;
    else
      json["out"] = flags.out;
    terminal.print(json.dump(2) + "\n");
  } else if (flags.out.empty()) {
    terminal.print(content);
  } else {
    terminal.print(concat(flags.count, " samples in ", flags.out, "\n"));
  }
  return exit_done;
}

}  // namespace rectify::cli
