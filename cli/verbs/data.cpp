// rectify data show: what a data SPEC holds, in numbers and as a contact sheet.
// rectify data make: the same as files that mnist:DIR or norb:DIR reads.
// rectify data fetch: a published data set from the network.

#include <filesystem>
#include <memory>
#include <system_error>

#include "cli/fetch/fetch.h"
#include "cli/flags.h"
#include "cli/verb.h"
#include "rectify/base/enumeration.h"
#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/data/export.h"
#include "rectify/data/export_matrix.h"
#include "rectify/data/images/contact_sheet.h"
#include "rectify/data/summary.h"

namespace rectify::cli::ops {

namespace {

struct Flags : CommonFlags {
  std::string spec, sheet, set, mirror, format = "idx";
  int per_class = 16;
  bool packed = false;
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

int show(const Flags& flags, Terminal& terminal) {
  ThreadPool threads(flags.threads);
  const data::Dataset dataset = data::open(flags.spec, threads);
  const data::Summary summary = data::summarise(dataset);
  if (!flags.sheet.empty()) write_file(flags.sheet, data::pair_sheet_png(dataset, flags.per_class));
  for (const std::string& note : dataset.notes) terminal.say(note);
  terminal.print(terminal.json ? json_of(dataset, summary).dump(2, Json::BadText::replace) + "\n"
                               : text_of(dataset, summary));
  return exit_done;
}

int make(const Flags& flags, Terminal& terminal) {
  ThreadPool threads(flags.threads);
  const bool norb = parse_name<data::SetFormat>("--format", flags.format) == data::SetFormat::norb;
  // As for train and compare: what a person has there is not written over by mistake.
  std::error_code ignored;
  if (!flags.force && std::filesystem::exists(flags.out, ignored) &&
      !std::filesystem::is_empty(flags.out, ignored))
    fail("'", flags.out, "' is not empty; give another --out, or --force to replace its files");
  const data::Dataset dataset = data::open(flags.spec, threads);
  if (norb)
    data::write_as_matrices(dataset, data::sample_info(flags.spec), flags.out, flags.packed);
  else
    data::write_as_idx(dataset, flags.out, flags.packed);
  const std::string read_as = concat(norb ? "norb:" : "mnist:", flags.out);
  for (const std::string& note : dataset.notes) terminal.say(note);
  const auto train = static_cast<std::int64_t>(dataset.train.count);
  const auto test = static_cast<std::int64_t>(dataset.test.count);
  const Json json = {{"schema", 1},       {"data", dataset.spec}, {"out", flags.out},
                     {"training", train}, {"test", test},         {"read_as", read_as}};
  terminal.print(terminal.json
                     ? json.dump(2) + "\n"
                     : concat("wrote ", count_text(train), " training and ", count_text(test),
                              " test samples; read them as ", read_as, "\n"));
  return exit_done;
}

int fetch_set(const Flags& flags, Terminal& terminal) {
  const PublishedSet& set = published_set(flags.set);
  fetch(set, flags.out, flags.mirror, {}, terminal.progress(), stop_when_interrupted());
  const std::string spec = set.kind + ":" + flags.out;
  const Json json = {{"schema", 1}, {"set", set.name}, {"out", flags.out}, {"read_as", spec}};
  terminal.print(terminal.json ? json.dump(2) + "\n"
                               : concat("fetched ", set.name, "; read it as ", spec, "\n"));
  return exit_done;
}

void declare_spec(Arguments args, Flags& flags) {
  args.option("spec", flags.spec, "Data SPEC: glyphs, mnist:DIR, ... (docs/data.md)")
      .type_name("SPEC")
      .required();
  declare_threads(args, flags);
  args.fallthrough();
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  args.require_command();
  Arguments showing = args.command("show", "Counts, shapes, ranges, class balance");
  showing.example("rectify data show glyphs --sheet glyphs.png");
  declare_spec(showing, *flags);
  showing.option("--sheet", flags->sheet, "Also write a picture of samples to this PNG file")
      .type_name("FILE");
  showing.option("--per-class", flags->per_class, "Samples of each class in the picture");
  Arguments making = args.command("make", "Writes the samples as files of IDX, or of NORB");
  making.example("rectify data make glyphs:classes=alnum,train=20000 --out alnum");
  declare_spec(making, *flags);
  making.option("--out", flags->out, "Folder for the files").type_name("DIR").required();
  making
      .option("--format", flags->format,
              "Of the files: idx, which mnist:DIR reads, or norb, for pairs of pictures")
      .type_name("FORMAT");
  making.flag("--force", flags->force, "Replace files that are there");
  making.flag("--gzip", flags->packed, "Pack the files (.gz)");
  Arguments fetching = args.command("fetch", "Downloads a data set, with its checksums");
  fetching.example("rectify data fetch fashion-mnist --out fashion");
  fetching.option("set", flags->set, "mnist, fashion-mnist or cifar10").type_name("SET").required();
  fetching.option("--out", flags->out, "Folder for the files").type_name("DIR").required();
  fetching.option("--mirror", flags->mirror, "URL of a folder to take the files from instead")
      .type_name("URL");
  fetching.fallthrough();
  return [flags, making, fetching](Terminal& terminal) {
    if (fetching.chosen()) return fetch_set(*flags, terminal);
    return making.chosen() ? make(*flags, terminal) : show(*flags, terminal);
  };
}

}  // namespace

std::span<const Verb> data() {
  static const Verb all[] = {{"data",
                              "Shows what a data set holds, writes it to files, or fetches one",
                              "rectify data show glyphs --sheet glyphs.png", declare}};
  return all;
}

}  // namespace rectify::cli::ops
