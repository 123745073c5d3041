// images:DIR: a folder of pictures for each class.

#include <array>
#include <span>

#include "rectify/base/error.h"
#include "rectify/data/images/image_folder.h"
#include "rectify/data/kinds.h"
#include "rectify/data/places.h"

namespace rectify::data::ops {

namespace {

Dataset open_images(const Request& request, ThreadPool& threads) {
  const std::string& folder = request.argument;
  if (folder.empty())
    fail(request.what(), ": name the folder that holds train/CLASS/*.png, as in images:DIR");
  check_folder(folder, "images:DIR needs the folder that holds train/CLASS/*.png");
  return read_image_folder(folder, threads);
}

}  // namespace

std::span<const Kind> images() {
  static constexpr std::array all = {Kind{"images", "images:DIR", open_images}};
  return all;
}

}  // namespace rectify::data::ops
