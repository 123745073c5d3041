// cifar10:DIR: the binary batches, or the same pictures in a folder for each class.

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
#include "rectify/data/images/image_folder.h"
#include "rectify/data/kinds.h"
#include "rectify/data/large_memory.h"
#include "rectify/data/places.h"

namespace rectify::data::ops {

namespace {

namespace fs = std::filesystem;

constexpr std::array usual_names = {"airplane", "automobile", "bird",  "cat",  "deer",
                                    "dog",      "frog",       "horse", "ship", "truck"};

std::string find_batch(const std::string& folder, const std::string& stem) {
  return first_file(folder, {stem + ".bin", stem + ".bin.gz"});
}

void append_batch(const std::string& path, Split& split) {
  append_cifar(read_file(path, static_cast<std::size_t>(max_file_bytes)), path, cifar10_format,
               split);
}

std::vector<std::string> class_names(const std::string& folder) {
  std::vector<std::string> names;
  if (const std::string path = first_file(folder, {"batches.meta.txt"}); !path.empty())
    names = names_in_lines(read_file(path, 4096), usual_names.size());
  if (names.empty()) names.assign(usual_names.begin(), usual_names.end());
  return names;
}

Dataset read_batches(const std::string& folder) {
  Dataset dataset;
  dataset.sample_shape = Shape{32, 32, 3};
  dataset.class_names = class_names(folder);
  reserve_large(dataset.train.bytes, std::size_t{50000} * 32 * 32 * 3);
  for (int batch = 1; batch <= 5; ++batch) {
    const std::string path = find_batch(folder, concat("data_batch_", batch));
    if (!path.empty()) append_batch(path, dataset.train);
    if (path.empty())
      dataset.notes.push_back(concat("data_batch_", batch, ".bin is not there and left out"));
  }
  if (const std::string path = find_batch(folder, "test_batch"); !path.empty())
    append_batch(path, dataset.test);
  return dataset;
}

/// Says what to do about a folder that holds the data in a form that cannot be read.
[[noreturn]] void fail_without_data(const std::string& folder) {
  for (const std::string& name : names_in(folder))
    if (name.find(".tar") != std::string::npos || name.ends_with(".tgz"))
      fail("'", folder, "' holds an archive; unpack it first, as in: tar -xf ",
           (fs::path(folder) / name).string(), " -C SOMEWHERE, then cifar10:SOMEWHERE");
  if (!first_file(folder, {"data_batch_1"}).empty())
    fail("'", folder, "' holds CIFAR-10 as Python's objects; download its binary version");
  fail("'", folder, "' holds neither data_batch_1.bin (nor with .gz) nor a folder train/CLASS");
}

Dataset open_cifar10(const Request& request, ThreadPool& threads) {
  const std::string& given = request.argument;
  if (given.empty()) fail(request.what(), ": name the folder of the batches, as in cifar10:DIR");
  check_folder(given, "cifar10:DIR needs the folder that holds data_batch_1.bin");
  for (const std::string& folder : {given, given + "/cifar-10-batches-bin"}) {
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored)) continue;
    for (int batch = 1; batch <= 5; ++batch)
      if (!find_batch(folder, concat("data_batch_", batch)).empty()) return read_batches(folder);
    if (fs::is_directory(folder + "/train", ignored)) return read_image_folder(folder, threads);
  }
  fail_without_data(given);
}

}  // namespace

std::span<const Kind> cifar10() {
  static constexpr std::array all = {
      Kind{"cifar10", "cifar10:DIR", open_cifar10, nullptr, nullptr, only_path}};
  return all;
}

}  // namespace rectify::data::ops
