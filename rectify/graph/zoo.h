#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rectify::graph {

/// The widths of the hidden layers of the network that is taken when nobody names one.
inline constexpr std::string_view usual_hidden = "256,256";

/// A network that comes with the library: a file of graph/zoo/, which the build takes in. Lines
/// that begin with # are its summary, the others its text.
struct ZooModel {
  std::string name;     ///< of its file: "mlp-3"
  std::string summary;  ///< a sentence
  std::string text;
};

/// All of them, by name.
const std::vector<ZooModel>& zoo();

/// Null when none is called that.
const ZooModel* find_in_zoo(std::string_view name);

/// The text of the network of that name; a model's text, which has a ':', stands for itself. Throws
/// Error and suggests the nearest name.
std::string network_text(const std::string& text_or_name);

}  // namespace rectify::graph
