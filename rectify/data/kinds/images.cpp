// images:DIR: a folder of pictures for each class.

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/data/images/image_folder.h"
#include "rectify/data/kinds.h"
#include "rectify/data/options.h"
#include "rectify/data/places.h"

namespace rectify::data::ops {

namespace {

/// Height and width of "32x48", or of "32" for both.
std::pair<std::size_t, std::size_t> size_of(const Request& request, const std::string& text) {
  const std::vector<std::string> parts = split(text, 'x');
  const auto height = parse_integer(parts.front()), width = parse_integer(parts.back());
  constexpr std::int64_t most = 4096;
  if (parts.size() > 2 || !height || !width || *height < 1 || *width < 1 || *height > most ||
      *width > most)
    fail(request.what(), ": size must be HEIGHTxWIDTH, each from 1 to ", most,
         ", as in size=32x32, not '", text, "'");
  return {static_cast<std::size_t>(*height), static_cast<std::size_t>(*width)};
}

PictureOptions options_of(const Request& request, const std::string& text,
                          std::span<const std::string> known) {
  const std::array<std::string, 2> all_channels = {"1", "3"}, for_bad = {"refuse", "skip"};
  const Options given(request.what(), text, known);
  PictureOptions options;
  if (const std::string size = given.text("size", ""); !size.empty())
    std::tie(options.height, options.width) = size_of(request, size);
  if (!given.text("channels", "").empty())
    options.channels = given.choice("channels", "3", all_channels) == "1" ? 1 : 3;
  options.skip_bad = given.choice("bad", "refuse", for_bad) == "skip";
  return options;
}

/// The folder at the beginning of `argument`; `options` becomes what follows its comma. A folder
/// that exists is taken for one, whatever its name looks like.
std::string folder_of(const std::string& argument, std::span<const std::string> known,
                      std::string& options) {
  std::error_code ignored;
  for (std::size_t end = argument.size(); end != std::string::npos && end > 0;
       end = argument.rfind(',', end - 1)) {
    if (!std::filesystem::is_directory(argument.substr(0, end), ignored)) continue;
    options = end == argument.size() ? "" : argument.substr(end + 1);
    return argument.substr(0, end);
  }
  return split_trailing_options(argument, known, options);
}

const std::array<std::string, 3> picture_options = {"size", "channels", "bad"};

std::vector<std::string> image_paths(const Request& request) {
  std::string ignored;
  return {folder_of(request.argument, picture_options, ignored)};
}

Dataset open_images(const Request& request, ThreadPool& threads) {
  std::string text;
  const std::string folder = folder_of(request.argument, picture_options, text);
  const PictureOptions options = options_of(request, text, picture_options);
  if (folder.empty())
    fail(request.what(), ": name the folder that holds train/CLASS/*.png, as in images:DIR");
  check_folder(folder, "images:DIR needs the folder that holds train/CLASS/*.png");
  return read_image_folder(folder, threads, options);
}

}  // namespace

std::span<const Kind> images() {
  static constexpr std::array all = {Kind{"images", "images:DIR[,size=HxW,channels=1|3,bad=skip]",
                                          open_images, nullptr, nullptr, image_paths}};
  return all;
}

}  // namespace rectify::data::ops
