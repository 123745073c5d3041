// cifar100:DIR: the binary version, with its 100 fine or its 20 coarse classes.

#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/data/formats/cifar.h"
#include "rectify/data/formats/source.h"
#include "rectify/data/kinds.h"
#include "rectify/data/large_memory.h"
#include "rectify/data/places.h"

namespace rectify::data::ops {

namespace {

namespace fs = std::filesystem;

std::string find_split(const std::string& folder, const std::string& stem) {
  return first_file(folder, {stem + ".bin", stem + ".bin.gz"});
}

/// Removes ":coarse" or ":fine" from the end of a place; returns true for ":coarse".
bool take_coarse(std::string& place) {
  for (const char* end : {":coarse", ":fine"})
    if (place.ends_with(end)) {
      place.resize(place.size() - std::string(end).size());
      return end[1] == 'c';
    }
  return false;
}

Dataset read_splits(const std::string& folder, bool coarse) {
  const CifarFormat& format = coarse ? cifar100_coarse : cifar100_fine;
  Dataset dataset;
  dataset.sample_shape = Shape{32, 32, 3};
  const std::string names =
      first_file(folder, {coarse ? "coarse_label_names.txt" : "fine_label_names.txt"});
  const auto classes = static_cast<std::size_t>(format.classes);
  if (!names.empty()) dataset.class_names = names_in_lines(read_file(names, 4096), classes);
  for (std::size_t i = dataset.class_names.size(); i < classes; ++i)
    dataset.class_names.push_back(std::to_string(i));
  reserve_large(dataset.train.bytes, std::size_t{50000} * 32 * 32 * 3);
  for (auto [stem, split] : {std::pair{"train", &dataset.train}, {"test", &dataset.test}})
    if (const std::string path = find_split(folder, stem); !path.empty())
      append_cifar(read_file(path, static_cast<std::size_t>(max_file_bytes)), path, format, *split);
  return dataset;
}

/// Says what to do about a folder that holds the data in a form that cannot be read.
[[noreturn]] void fail_without_data(const std::string& folder) {
  for (const std::string& name : names_in(folder))
    if (name.find(".tar") != std::string::npos || name.ends_with(".tgz"))
      fail("'", folder, "' holds an archive; unpack it first, as in: tar -xf ",
           (fs::path(folder) / name).string(), " -C SOMEWHERE, then cifar100:SOMEWHERE");
  if (!first_file(folder, {"train"}).empty())
    fail("'", folder, "' holds CIFAR-100 as Python's objects; download its binary version");
  fail("'", folder, "' does not hold train.bin (nor with .gz)");
}

std::vector<std::string> cifar100_paths(const Request& request) {
  std::string place = request.argument;
  take_coarse(place);
  return {place};
}

Dataset open_cifar100(const Request& request, ThreadPool&) {
  std::string given = request.argument;
  const bool coarse = take_coarse(given);
  if (given.empty()) fail(request.what(), ": name the folder of the files, as in cifar100:DIR");
  check_folder(given, "cifar100:DIR needs the folder that holds train.bin");
  for (const std::string& folder : {given, given + "/cifar-100-binary"}) {
    std::error_code ignored;
    if (fs::is_directory(folder, ignored) && !find_split(folder, "train").empty())
      return read_splits(folder, coarse);
  }
  fail_without_data(given);
}

}  // namespace

std::span<const Kind> cifar100() {
  static constexpr std::array all = {
      Kind{"cifar100", "cifar100:DIR[:coarse]", open_cifar100, nullptr, nullptr, cifar100_paths}};
  return all;
}

}  // namespace rectify::data::ops
