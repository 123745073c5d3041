#pragma once

#include <string>
#include <utility>
#include <vector>

#include "rectify/base/json.h"
#include "rectify/report/pretraining.h"
#include "rectify/verify/robust.h"

/// What `rectify verify --robust` found, as text, JSON and a page.
namespace rectify::report {

struct Robustness {
  std::string version, date;
  std::string command;  ///< that repeats it
  std::string model;    ///< the network's text
  std::string data, split;
  double eps = 0;
  bool of_range = false;  ///< whether eps is a share of an image's range
  verify::Norm norm = verify::Norm::inf;
  double seconds_each = 0;  ///< at most, for each sample
  std::size_t asked = 0;    ///< samples that were to be judged
  std::vector<std::string> class_names;
  std::vector<verify::SampleFate> samples;  ///< that were judged, in the order of the split
  std::vector<Picture> pictures;            ///< of those that fell
  std::vector<std::pair<std::string, std::string>> machine;
};

/// "certified 93.0 %, attacked 2.0 %, ..." and a table by class.
std::string to_text(const Robustness& found);

/// With all samples, as docs/contracts.md says.
Json to_json(const Robustness& found);

/// One self-contained HTML page. It makes no request, and can be read without script.
std::string to_html(const Robustness& found);

}  // namespace rectify::report
