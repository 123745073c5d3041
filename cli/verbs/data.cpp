// rectify data show: what a data SPEC holds, in numbers and as a contact sheet.

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/flags.h"
#include "cli/verb.h"
#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/data/contact_sheet.h"
#include "rectify/data/summary.h"

namespace rectify::cli::ops {

namespace {

using Json = nlohmann::ordered_json;

struct Flags : CommonFlags {
  std::string spec, sheet;
  int per_class = 16;
};

std::string split_text(const char* name, const data::SplitSummary& s, std::size_t features) {
  return concat(name, ": ", count_text(static_cast<std::int64_t>(s.count)), " samples, values ",
                number_text(s.min), " to ", number_text(s.max), ", mean ", fixed_text(s.mean, 3),
                ", sd ", fixed_text(s.deviation, 3), "\n  zeros ", fixed_text(100 * s.zeros, 1),
                " %, constant features ", s.constant_features, " of ", features, "\n");
}

/// A bar of `share` of the widest, so that an imbalance is seen at once.
std::string bar(std::size_t count, std::size_t largest) {
  constexpr std::size_t widest = 30;
  const std::size_t cells = largest == 0 ? 0 : (count * widest + largest / 2) / largest;
  std::string text;
  for (std::size_t i = 0; i < cells; ++i) text += "█";
  return text;
}

std::string text_of(const data::Dataset& dataset, const data::Summary& s) {
  const std::size_t features = dataset.features();
  std::string text = concat(dataset.spec, ": ", s.sample_shape.text(), " (", features, " numbers, ",
                            s.bytes ? "8 bits" : "float", "), ");
  text += s.class_names.empty() ? concat("targets of ", s.target_width, " numbers\n")
                                : concat(s.class_names.size(), " classes\n");
  text += split_text("training", s.train, features) + split_text("test", s.test, features);
  if (s.class_names.empty()) return text;
  std::size_t largest = 0, widest = 5;
  for (const std::size_t n : s.train.per_class) largest = std::max(largest, n);
  for (const std::string& name : s.class_names) widest = std::max(widest, name.size());
  const auto left = [](const std::string& t, std::size_t w) {
    return t + std::string(t.size() < w ? w - t.size() : 0, ' ');
  };
  const auto right = [](const std::string& t, std::size_t w) {
    return std::string(t.size() < w ? w - t.size() : 0, ' ') + t;
  };
  text += left("class", widest) + right("training", 10) + right("test", 10) + "\n";
  for (std::size_t c = 0; c < s.class_names.size(); ++c)
    text += left(s.class_names[c], widest) +
            right(count_text(static_cast<std::int64_t>(s.train.per_class[c])), 10) +
            right(count_text(static_cast<std::int64_t>(s.test.per_class[c])), 10) + "  " +
            bar(s.train.per_class[c], largest) + "\n";
  return text;
}

Json json_of(const data::SplitSummary& s) {
  return {{"samples", s.count},     {"per_class", s.per_class},
          {"min", s.min},           {"max", s.max},
          {"mean", s.mean},         {"deviation", s.deviation},
          {"exact_zeros", s.zeros}, {"constant_features", s.constant_features}};
}

Json json_of(const data::Dataset& dataset, const data::Summary& s) {
  return {{"schema", 1},
          {"data", dataset.spec},
          {"sample_shape", s.sample_shape.extents()},
          {"element", s.bytes ? "uint8" : "float32"},
          {"classes", s.class_names},
          {"target_width", s.target_width},
          {"training", json_of(s.train)},
          {"test", json_of(s.test)},
          {"notes", dataset.notes}};
}

Action declare(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  app.require_subcommand(1);
  CLI::App* show = app.add_subcommand("show", "Counts, shapes, ranges, class balance");
  show->add_option("spec", flags->spec, "Data SPEC: glyphs, mnist:DIR, ... (docs/data.md)")
      ->required();
  show->add_option("--sheet", flags->sheet, "Also write a picture of samples to this PNG file");
  show->add_option("--per-class", flags->per_class, "Samples of each class in the picture");
  declare_threads(*show, *flags);
  show->fallthrough();
  return [flags](Terminal& terminal) {
    ThreadPool threads(flags->threads);
    const data::Dataset dataset = data::open(flags->spec, threads);
    const data::Summary summary = data::summarise(dataset);
    if (!flags->sheet.empty())
      write_file(flags->sheet, data::contact_sheet_png(dataset, flags->per_class));
    for (const std::string& note : dataset.notes) terminal.say(note);
    terminal.print(terminal.json ? json_of(dataset, summary).dump(2) + "\n"
                                 : text_of(dataset, summary));
    return exit_done;
  };
}

}  // namespace

std::span<const Verb> data() {
  static const Verb all[] = {{"data", "Shows what a data set holds",
                              "rectify data show glyphs --sheet glyphs.png", declare}};
  return all;
}

}  // namespace rectify::cli::ops
