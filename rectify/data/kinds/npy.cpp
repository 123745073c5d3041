// npy:X,Y and npz:FILE: arrays that NumPy has saved.

#include "rectify/data/formats/npy.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rectify/base/enumeration.h"
#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/data/formats/source.h"
#include "rectify/data/formats/zip.h"
#include "rectify/data/kinds.h"
#include "rectify/data/options.h"
#include "rectify/data/splits/classes.h"

namespace rectify::data::ops {

namespace {

constexpr auto most_packed = static_cast<std::size_t>(max_file_bytes);

/// The samples and answers of one split.
struct Pair {
  Array x, y;
};

/// The shape of a sample: the extents after the count. A sample of one number has the shape 1; a
/// picture without channels gets one channel.
Shape sample_shape(const Array& x) {
  std::vector<std::int64_t> extents(x.extents.begin() + 1, x.extents.end());
  if (extents.empty() || extents.size() == 2) extents.push_back(1);
  return Shape(std::move(extents));
}

bool keeps_bytes(const Array& x) { return x.width == 1 && x.kind != 'i'; }

void check_pair(const Pair& pair) {
  for (const Array* array : {&pair.x, &pair.y})
    if (array->extents.empty())
      fail("'", array->name, "' is a single number; its first axis must count the samples");
  if (pair.x.extents[0] != pair.y.extents[0])
    fail("'", pair.x.name, "' has ", pair.x.extents[0], " samples but '", pair.y.name, "' has ",
         pair.y.extents[0], " answers; are they of the same set?");
}

Split samples_of(const Array& x) {
  Split split;
  split.count = static_cast<std::size_t>(x.extents[0]);
  if (keeps_bytes(x))
    split.bytes = bytes_of(x);
  else
    split.values = floats_of(x);
  return split;
}

std::int64_t answer_width(const Array& y) {
  return static_cast<std::int64_t>(y.size()) / y.extents[0];
}

/// Whether each row has a single 1 among zeros.
bool is_one_hot(const Array& y) {
  const std::vector<float> numbers = floats_of(y);
  const auto width = static_cast<std::size_t>(answer_width(y));
  for (std::size_t first = 0; first < numbers.size(); first += width) {
    const auto row = std::span(numbers).subspan(first, width);
    const auto zeros = static_cast<std::size_t>(std::ranges::count(row, 0.0f));
    if (zeros + 1 != width || std::ranges::count(row, 1.0f) != 1) return false;
  }
  return true;
}

/// What the answers are: classes or numbers. Says why where nobody has asked for either.
Task task_of(Dataset& dataset, const Array& train, const Array* test, Task asked) {
  if (asked != Task::automatic) return asked;
  ChosenTask chosen{
      Task::regression,
      concat("'", train.name, "' holds fractions: a number is predicted (regression)")};
  const bool whole = all_whole(train) && (!test || all_whole(*test));
  if (whole && answer_width(train) == 1)
    chosen = task_of_whole_numbers(integers_of(train), concat("'", train.name, "'"));
  else if (whole && is_one_hot(train))
    chosen.task = Task::classification;  // which says what to do
  else if (whole)
    chosen.why = concat("'", train.name, "' holds ", answer_width(train),
                        " numbers a sample, which are predicted (regression)");
  if (chosen.task == Task::regression || answer_width(train) == 1)
    dataset.notes.push_back(chosen.why);
  return chosen.task;
}

/// Stores the answers: labels, or the targets of a regression.
void set_answers(Dataset& dataset, const Array& train, const Array* test, Task asked,
                 const std::string& what) {
  const bool whole = all_whole(train) && (!test || all_whole(*test));
  const std::int64_t width = answer_width(train);
  if (test && answer_width(*test) != width)
    fail("'", train.name, "' has ", width, " numbers an answer but '", test->name, "' has ",
         answer_width(*test));
  if (task_of(dataset, train, test, asked) == Task::regression) {
    dataset.target_width = width;
    dataset.train.targets = floats_of(train);
    if (test) dataset.test.targets = floats_of(*test);
    return;
  }
  if (width != 1)
    fail(
        "'", train.name, "' has ", width,
        " numbers a sample, but a label is one; for one-hot rows save their argmax, to predict the "
        "numbers add task=regression");
  if (!whole)
    fail("'", train.name, "' holds fractions, which are no labels; leave task=classification out");
  make_classes(dataset, integers_of(train), test ? integers_of(*test) : std::vector<std::int64_t>{},
               what);
}

Dataset make_dataset(const Pair& train, const std::optional<Pair>& test, Task asked,
                     const std::string& what) {
  check_pair(train);
  if (test) check_pair(*test);
  Dataset dataset;
  dataset.sample_shape = sample_shape(train.x);
  if (test && sample_shape(test->x) != dataset.sample_shape)
    fail("'", train.x.name, "' has samples of ", dataset.sample_shape.text(), " but '",
         test->x.name, "' of ", sample_shape(test->x).text());
  if (test && keeps_bytes(train.x) != keeps_bytes(test->x))
    fail("'", train.x.name, "' is of type ", train.x.type, " but '", test->x.name, "' of ",
         test->x.type, "; save both as the same type");
  dataset.train = samples_of(train.x);
  if (test) dataset.test = samples_of(test->x);
  set_answers(dataset, train.y, test ? &test->y : nullptr, asked, what);
  return dataset;
}

/// The path or paths of a SPEC, and what it says of the task.
struct NpySpec {
  std::string place;
  Task task;
};

NpySpec parse_spec(const Request& request) {
  const std::vector<std::string> known = {"task"};
  std::string given;
  const std::string place = split_trailing_options(request.argument, known, given);
  const Options options(request.what(), given, known);
  const Task task = *from_name<Task>(options.choice("task", "auto", all_names<Task>()));
  return {place, task == Task::automatic ? request.known.task : task};
}

/// The files of the samples and of the answers; empty where one is not named.
std::array<std::string, 2> split_pair(std::string_view place) {
  const std::size_t comma = place.rfind(',');
  return {std::string(trim(place.substr(0, comma))),
          std::string(comma == place.npos ? "" : trim(place.substr(comma + 1)))};
}

std::vector<std::string> npy_paths(const Request& request) {
  const auto [x_path, y_path] = split_pair(parse_spec(request).place);
  return {x_path, y_path};
}

std::vector<std::string> npz_paths(const Request& request) { return {parse_spec(request).place}; }

Dataset open_npy(const Request& request, ThreadPool&) {
  const auto [place, task] = parse_spec(request);
  const auto [x_path, y_path] = split_pair(place);
  if (x_path.empty() || y_path.empty())
    fail(request.what(), ": name two files, the samples and the labels, as in npy:x.npy,y.npy");
  const std::string x = unpacked(read_file(x_path, most_packed), x_path);
  const std::string y = unpacked(read_file(y_path, most_packed), y_path);
  return make_dataset({parse_npy(x, x_path), parse_npy(y, y_path)}, std::nullopt, task,
                      request.what());
}

/// The arrays of an .npz file, unpacked, by their names.
class Archive {
 public:
  explicit Archive(const std::string& path)
      : path_(path),
        content_(read_file(path, most_packed)),
        entries_(zip_entries(content_, path)) {}

  bool holds(const std::string& array) const { return find(array) != nullptr; }

  /// The bytes of the array's .npy file. Throws Error, which lists the existing arrays, when it is
  /// not there.
  std::string read(const std::string& array) const {
    if (const ZipEntry* entry = find(array)) return unzip(content_, *entry, path_);
    std::string names;
    for (const ZipEntry& entry : entries_)
      names += (names.empty() ? "" : ", ") + entry.name.substr(0, entry.name.rfind(".npy"));
    fail("'", path_, "' has no array '", array, "'; it has ", names.empty() ? "none" : names,
         " (x_train and y_train are needed; x_test and y_test may be there)");
  }

 private:
  const ZipEntry* find(const std::string& array) const {
    for (const ZipEntry& entry : entries_)
      if (entry.name == array + ".npy") return &entry;
    return nullptr;
  }

  std::string path_, content_;
  std::vector<ZipEntry> entries_;
};

Dataset open_npz(const Request& request, ThreadPool& threads) {
  const auto [path, task] = parse_spec(request);
  if (path.empty()) fail(request.what(), ": name the file, as in npz:FILE");
  const Archive archive(path);
  const std::array<std::string, 4> names = {"x_train", "y_train", "x_test", "y_test"};
  const bool test = archive.holds(names[2]) || archive.holds(names[3]);
  std::array<std::string, 4> bytes;
  threads.run(test ? 4 : 2, [&](std::size_t i) { bytes[i] = archive.read(names[i]); });
  const auto pair = [&, &path = path](std::size_t at) {
    return Pair{parse_npy(bytes[at], path + ":" + names[at]),
                parse_npy(bytes[at + 1], path + ":" + names[at + 1])};
  };
  return make_dataset(pair(0), test ? std::optional(pair(2)) : std::nullopt, task, request.what());
}

}  // namespace

std::span<const Kind> npy() {
  static constexpr std::array all = {
      Kind{"npy", "npy:X,Y[,task=auto]", open_npy, nullptr, nullptr, npy_paths},
      Kind{"npz", "npz:FILE[,task=auto]", open_npz, nullptr, nullptr, npz_paths}};
  return all;
}

}  // namespace rectify::data::ops
